"""`export.json` beside the graphs: what was made of what, which stages ran, and how far each form is from the model."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from model_export.artefacts import Artefact
from model_export.stages import Stage

NAME = "export.json"


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
