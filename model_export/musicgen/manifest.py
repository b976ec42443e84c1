"""`export.json` beside the graphs: what was made of what, under which licence, and how far each form is from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from model_export.artefacts import Artefact
from model_export.musicgen.licence import Licence
from model_export.stages import Stage

SCHEMA: Final = "cadenza.musicgen-export/1"
# Ends the name of a form of int8 whose keys and values are int8 as well.
AND_CACHES: Final = " and caches"


@dataclass(frozen=True)
class Manifest:
    """`decoder` holds its sizes; `sampling_rate` is in Hz and `hop` in samples a frame; `int8_form` was
    kept of several, and is empty where none is close enough.

    `melody` says how melodies are heard, None where they are not.
    """

    schema: str
    weights_sha256: str
    licence: Licence
    decoder: Mapping[str, Any]
    sampling_rate: int
    hop: int
    generation: Mapping[str, Any]
    melody: Mapping[str, Any] | None
    versions: Mapping[str, str]
    int8_form: str
    stages: Sequence[Stage]
    artefacts: Sequence[Artefact]
