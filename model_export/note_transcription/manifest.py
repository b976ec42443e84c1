"""`export.json` beside the model: what the file is, where it comes from, how it was measured. Read and write."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_export.artefacts import NAME, Artefact
from model_export.note_transcription.measurement import OUTPUTS, Likelihoods
from model_export.note_transcription.settings import SHAPE

EVERY = 16


class ManifestInvalid(ValueError):
    """The manifest is missing a field or is not readable."""


@dataclass(frozen=True)
class Manifest:
    """`reference` is what the published graph says of the first reference window, one frame in 16, by output.

    `milliseconds_per_window` is CPU time by graph, `distance` and `batch_drift` are those of the graph that is served.
    """

    schema: str
    source: Mapping[str, str]
    licence: str
    reproduce: str
    versions: Mapping[str, str]
    distance: float
    batch_drift: float
    milliseconds_per_window: Mapping[str, float]
    artefacts: Sequence[Artefact]
    reference: Mapping[str, str]

    @property
    def summary(self) -> str:
        """What was made, in a line."""
        return f"{self.artefacts[0].bytes} bytes, {self.distance} from the published graph"

    def expected(self, output: str) -> NDArray[np.float32]:
        """[frames, bins] of the published graph."""
        values = np.frombuffer(base64.b64decode(self.reference[output]), dtype="<f4")
        return values.reshape(-(-SHAPE.frames // EVERY), -1)


def reference(likelihoods: Likelihoods) -> dict[str, str]:
    """Little-endian float32 as base64, of the first window."""
    return {name: base64.b64encode(likelihoods[name][0, ::EVERY].astype("<f4").tobytes()).decode() for name in OUTPUTS}


def read(folder: Path) -> Manifest:
    """The manifest of a model's folder; raises ManifestInvalid."""
    try:
        data = json.loads((folder / NAME).read_text())
        values = {field.name: data[field.name] for field in fields(Manifest)}
        values["artefacts"] = tuple(Artefact(**entry) for entry in values["artefacts"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ManifestInvalid(f"{NAME}: {error}") from error
    return Manifest(**values)
