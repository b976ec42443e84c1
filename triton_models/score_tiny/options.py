"""What a request says beside brief and edit: how it ranks and how tokens are drawn; and the description's vector."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triton_models.generation_core.request import Priority
from triton_models.score.fields import FieldError, Fields
from triton_models.score_language.conditioning import TEXT_SIZE
from triton_models.score_writer.leaning import USUAL, Leaning
from triton_models.score_writer.windows import PLAIN, Taste, Vector


class OptionsError(FieldError):
    """OPTIONS or TEXT cannot be read."""


@dataclass(frozen=True, slots=True)
class ScoreOptions:
    """`owner` is whoever the slots are shared with fairly; one owner's requests wait for each other."""

    priority: Priority
    owner: str
    taste: Taste


def options_from_json(text: str | bytes) -> ScoreOptions:
    """Read options, each of which may be missing; raises OptionsError that names the first wrong field."""
    fields = Fields.parse(text, OptionsError)
    priority = Priority.STANDARD if fields.absent("priority") else Priority(fields.integer("priority", 0, 2))
    taste = Taste(
        temperature=fields.number_or("temperature", PLAIN.temperature, 0, 5),
        top_p=fields.number_or("top_p", PLAIN.top_p, 0.01, 1),
        guidance=fields.number_or("guidance", PLAIN.guidance, 0, 10),
        leaning=Leaning(
            consonance=fields.number_or("consonance", USUAL.consonance, 0, 2),
            returns=fields.number_or("returns", USUAL.returns, 0, 2),
            compass=fields.number_or("compass", USUAL.compass, 0, 2),
            band=fields.number_or("band", USUAL.band, 0, 2),
        ),
    )
    return ScoreOptions(priority, "" if fields.absent("owner") else fields.text("owner"), taste)


def vector_of(values: NDArray[Any]) -> Vector | None:
    """The unit vector [384] of a description; None when all are zero. Raises OptionsError."""
    vector = np.asarray(values, dtype=np.float32)
    if vector.shape != (TEXT_SIZE,) or not np.isfinite(vector).all():
        raise OptionsError("TEXT", f"must hold {TEXT_SIZE} finite numbers")
    length = float(np.linalg.norm(vector))
    return None if length == 0.0 else (vector / length).astype(np.float32)
