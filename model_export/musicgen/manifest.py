"""`export.json` beside the graphs: what was made of what, under which licence, and how far each form is from it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from model_export.artefacts import Artefact
from model_export.musicgen.licence import Licence
from model_export.stages import Stage

NAME: Final = "export.json"
SCHEMA: Final = "cadenza.musicgen-export/1"


@dataclass(frozen=True)
class Manifest:
    """`decoder` holds its sizes; `sampling_rate` is in Hz and `hop` in samples a frame; `int8_form` was kept of two."""

    schema: str
    weights_sha256: str
    licence: Licence
    decoder: Mapping[str, Any]
    sampling_rate: int
    hop: int
    generation: Mapping[str, Any]
    versions: Mapping[str, str]
    int8_form: str
    stages: Sequence[Stage]
    artefacts: Sequence[Artefact]


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, readable and with a stable order of keys."""
    (folder / NAME).write_text(json.dumps(asdict(manifest), indent=2) + "\n")
