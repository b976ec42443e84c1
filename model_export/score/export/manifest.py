"""`export.json` beside the graphs: what was made of what, which stages ran, and how far each form is from the model."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from model_export.artefacts import Artefact

NAME = "export.json"


class Status(StrEnum):
    """A stage that failed ends the export, so a manifest never holds one."""

    PASSED = "PASSED"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True)
class Stage:
    """`detail` holds what was measured, or the reason why the stage was skipped."""

    name: str
    status: Status
    seconds: float
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class Manifest:
    """`int8_form` names the way of counting in int8 that was kept."""

    schema: str
    weights_sha256: str
    architecture: Mapping[str, Any]
    versions: Mapping[str, str]
    int8_form: str
    stages: Sequence[Stage]
    artefacts: Sequence[Artefact]


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, readable and with a stable order of keys."""
    (folder / NAME).write_text(json.dumps(asdict(manifest), indent=2) + "\n")
