"""A cadenza.audio/1 document: what a song as samples is to be, read with every field checked."""

from dataclasses import dataclass
from typing import Final

from triton_models.generation_core.request import MOST_SEED, Priority, Sampling
from triton_models.musicgen.songs import GUIDANCE, SAMPLING
from triton_models.score.fields import FieldError, Fields

SCHEMA: Final = "cadenza.audio/1"
LONGEST_PROMPT: Final = 2000
LONGEST_SECONDS: Final = 300.0


class AudioRequestError(FieldError):
    """A request is not a valid cadenza.audio/1."""


@dataclass(frozen=True, slots=True)
class AudioRequest:
    """`owner` is whoever the slots are shared with fairly."""

    prompt: str
    seconds: float
    seed: int
    sampling: Sampling
    guidance: float
    priority: Priority
    owner: str


def parse_request(text: str | bytes) -> AudioRequest:
    """Raises AudioRequestError with a sentence about the first wrong field; how codes are drawn may be missing."""
    fields = Fields.parse(text, AudioRequestError)
    fields.text("schema", choices=(SCHEMA,))
    prompt = fields.text("prompt", longest=LONGEST_PROMPT)
    if not prompt.strip():
        raise fields.fail("prompt", "must say something")
    return AudioRequest(
        prompt=prompt,
        seconds=fields.number("duration_seconds", 1, LONGEST_SECONDS),
        seed=fields.integer("seed", 0, MOST_SEED),
        sampling=Sampling(
            temperature=fields.number_or("temperature", SAMPLING.temperature, 0, 5),
            top_k=SAMPLING.top_k if fields.absent("top_k") else fields.integer("top_k", 0, 1 << 16),
            top_p=fields.number_or("top_p", SAMPLING.top_p, 0.01, 1),
        ),
        guidance=fields.number_or("guidance", GUIDANCE, 0, 10),
        priority=Priority.STANDARD if fields.absent("priority") else Priority(fields.integer("priority", 0, 2)),
        owner="" if fields.absent("owner") else fields.text("owner"),
    )
