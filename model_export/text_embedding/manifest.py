"""`export.json` beside the model: what the file is, where it comes from, how it was measured. Read and write."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_export.artefacts import NAME, Artefact


class ManifestInvalid(ValueError):
    """The manifest is missing a field or is not readable."""


@dataclass(frozen=True)
class Reference:
    """A sentence and its vector in torch: 384 little-endian float32 as base64."""

    text: str
    vector: str

    def array(self) -> NDArray[np.float32]:
        """The vector, shape [384]."""
        return np.frombuffer(base64.b64decode(self.vector), dtype="<f4")


@dataclass(frozen=True)
class Manifest:
    """`measurements` holds one entry per form tried; `form` names the one that was kept."""

    schema: str
    source: Mapping[str, str]
    licence: str
    reproduce: str
    versions: Mapping[str, str]
    form: str
    parity_fp32_cosine: float
    measurements: Mapping[str, Mapping[str, Any]]
    artefacts: Sequence[Artefact]
    references: Sequence[Reference]

    @property
    def summary(self) -> str:
        """What was made, in a line."""
        return f"{self.form}: {self.artefacts[0].bytes} bytes"


def reference(text: str, vector: NDArray[np.float32]) -> Reference:
    """A sentence with its vector packed."""
    return Reference(text, base64.b64encode(vector.astype("<f4").tobytes()).decode())


def read(folder: Path) -> Manifest:
    """The manifest of a model's folder; raises ManifestInvalid."""
    try:
        data = json.loads((folder / NAME).read_text())
        values = {field.name: data[field.name] for field in fields(Manifest)}
        values["artefacts"] = tuple(Artefact(**entry) for entry in values["artefacts"])
        values["references"] = tuple(Reference(**entry) for entry in values["references"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ManifestInvalid(f"{NAME}: {error}") from error
    return Manifest(**values)
