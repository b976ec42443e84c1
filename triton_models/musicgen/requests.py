"""A cadenza.audio/1 document: what a song as samples is to be, read with every field checked."""

from dataclasses import dataclass
from typing import Final

from triton_models.generation_core.request import MOST_SEED, Priority, Sampling
from triton_models.musicgen.songs import GUIDANCE, SAMPLING
from triton_models.score.fields import FieldError, Fields

SCHEMA: Final = "cadenza.audio/1"
LONGEST_PROMPT: Final = 2000
LONGEST_SECONDS: Final = 300.0
MOST_SECTIONS: Final = 16


class AudioRequestError(FieldError):
    """A request is not a valid cadenza.audio/1."""


@dataclass(frozen=True, slots=True)
class AskedSection:
    """So many seconds by one text."""

    prompt: str
    seconds: float


@dataclass(frozen=True, slots=True)
class AudioRequest:
    """A document without sections has one. `goes_on` says that there is another song which this one continues; of its
    end `lead_seconds` are heard too, as the model decodes them, so that a listener can blend into the song. `owner` is
    whoever the slots are shared with fairly.
    """

    sections: tuple[AskedSection, ...]
    goes_on: bool
    lead_seconds: float
    seed: int
    sampling: Sampling
    guidance: float
    priority: Priority
    owner: str


def parse_request(text: str | bytes) -> AudioRequest:
    """Raises AudioRequestError with a sentence about the first wrong field; how codes are drawn may be missing."""
    fields = Fields.parse(text, AudioRequestError)
    fields.text("schema", choices=(SCHEMA,))
    return AudioRequest(
        sections=_sections(fields),
        goes_on=not fields.absent("continue") and fields.boolean("continue"),
        lead_seconds=fields.number_or("lead_seconds", 0, 0, LONGEST_SECONDS),
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


def _sections(fields: Fields) -> tuple[AskedSection, ...]:
    if fields.absent("sections"):
        return (_section(fields, "duration_seconds"),)
    for name in ("prompt", "duration_seconds"):
        if not fields.absent(name):
            raise fields.fail(name, "must not stand beside sections, which have their own")
    found = tuple(_section(each, "seconds") for each in fields.objects("sections", MOST_SECTIONS))
    if not found:
        raise fields.fail("sections", "must have at least one item")
    seconds = sum(section.seconds for section in found)
    if seconds > LONGEST_SECONDS:
        raise fields.fail("sections", f"must last at most {LONGEST_SECONDS:g} seconds together, not {seconds:g}")
    return found


def _section(fields: Fields, seconds: str) -> AskedSection:
    prompt = fields.text("prompt", longest=LONGEST_PROMPT)
    if not prompt.strip():
        raise fields.fail("prompt", "must say something")
    return AskedSection(prompt, fields.number(seconds, 1, LONGEST_SECONDS))
