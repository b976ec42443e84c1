"""A folder in the hub's format of MusicGen, of either kind: its sizes, licence and weights. Never unpickles."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
import transformers

from model_export.musicgen.config import FILE, MusicGenConfig, Theirs, read_config
from model_export.musicgen.errors import ConfigInvalidError, WeightsMismatchError
from model_export.musicgen.fields import lies_inside
from model_export.musicgen.licence import Licence, read_licence
from model_export.musicgen.weight_files import WeightFiles, open_weights

TOKENIZER: Final = "tokenizer.json"
# Tables that older versions of transformers wrote although they follow from the configuration.
DERIVED: Final = (".embed_positions.weights", ".position_ids")
# Weight normalisation (Salimans & Kingma 2016) was stored as g and v before PyTorch had parametrizations.
NORMALISED: Final = {"weight_g": "parametrizations.weight.original0", "weight_v": "parametrizations.weight.original1"}


@dataclass(frozen=True)
class Checkpoint:
    """What was read of `folder`; names of weights are those of today's transformers, whoever wrote the files.

    `stored` maps each name to the one in the files; of tied weights all names lead to the one that was stored.
    """

    folder: Path
    config: MusicGenConfig
    licence: Licence
    files: WeightFiles
    stored: Mapping[str, str]

    def tensors(self, prefix: str) -> dict[str, torch.Tensor]:
        """Weights whose names begin with `prefix`, which is cut off, in float32; read anew at each call.

        Raises WeightNotFiniteError, and WeightsUnreadableError when a file has gone meanwhile.
        """
        wanted = {name: place for name, place in self.stored.items() if name.startswith(prefix)}
        found = dict(self.files.read(set(wanted.values())))
        return {name.removeprefix(prefix): found[place] for name, place in wanted.items()}

    def tokenizer(self) -> Path:
        """The text encoder's tokenizer."""
        return self.folder / TOKENIZER


def read_checkpoint(folder: Path) -> Checkpoint:
    """Read everything but the weights themselves and check that it goes together; raises CheckpointInvalidError."""
    config, theirs = read_config(folder)
    files = open_weights(folder)
    stored = _match(files, _expected(folder / FILE, theirs))
    if not (folder / TOKENIZER).is_file() or not lies_inside(folder, folder / TOKENIZER):
        problem = "there is none; load the tokenizer with transformers and call save_pretrained(folder)"
        raise ConfigInvalidError(folder / TOKENIZER, problem)
    return Checkpoint(folder, config, read_licence(folder), files, stored)


@dataclass(frozen=True)
class _Expected:
    """Shapes that the configuration asks for, and which names are one and the same weight."""

    shapes: Mapping[str, tuple[int, ...]]
    ties: Mapping[str, str]


def _expected(file: Path, theirs: Theirs) -> _Expected:
    """What transformers would make of the configuration, on a device that holds no numbers."""
    try:
        with torch.device("meta"):
            model = _built(theirs)
    # Each kind of text encoder has requirements of its own, and raises what it likes.
    except Exception as error:
        raise ConfigInvalidError(file, f"transformers cannot build it: {' '.join(str(error).split())}") from error
    shapes = {name: tuple(values.shape) for name, values in model.state_dict().items()}
    return _Expected(shapes, model.all_tied_weights_keys)


def _built(theirs: Theirs) -> transformers.PreTrainedModel:
    if isinstance(theirs, transformers.MusicgenMelodyConfig):
        return transformers.MusicgenMelodyForConditionalGeneration(theirs)
    return transformers.MusicgenForConditionalGeneration(theirs)


def _match(files: WeightFiles, expected: _Expected) -> dict[str, str]:
    """From the names that are expected to those in the files; raises WeightsMismatchError."""
    found = {_today(name): name for name in files.shapes if not name.endswith(DERIVED)}
    stored = {name: found[name] for name in expected.shapes if name in found}
    for one, other in expected.ties.items():
        for name, twin in ((one, other), (other, one)):
            if name in expected.shapes and name not in stored and twin in stored:
                stored[name] = stored[twin]
    wrong = {
        name: (files.shapes[place], expected.shapes[name])
        for name, place in stored.items()
        if files.shapes[place] != expected.shapes[name]
    }
    missing = sorted(set(expected.shapes) - set(stored))
    unexpected = sorted(set(found) - set(expected.shapes))
    if missing or unexpected or wrong:
        raise WeightsMismatchError(missing, unexpected, dict(sorted(wrong.items())))
    return stored


def _today(name: str) -> str:
    return re.sub(r"\bweight_[gv]$", lambda old: NORMALISED[old.group()], name)
