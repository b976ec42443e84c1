"""`export.json` beside the graphs: what was made of what, which stages ran, and how far each form is from the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model_export.artefacts import Artefact
from model_export.stages import Stage


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
