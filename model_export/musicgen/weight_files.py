"""The safetensors files of a checkpoint: what lies in them, and single tensors on demand. Opens nothing else."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError, safe_open

from model_export.musicgen.errors import PickledWeightsError, WeightNotFiniteError, WeightsUnreadableError
from model_export.musicgen.fields import lies_inside, read_object

WHOLE: Final = "model.safetensors"
INDEX: Final = "model.safetensors.index.json"
PICKLED: Final = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.th")
MOST_INDEX_BYTES: Final = 16 << 20
FLOATS: Final = ("F64", "F32", "F16", "BF16")


@dataclass(frozen=True)
class WeightFiles:
    """`places` maps the name of each tensor to its file; `shapes` to its shape."""

    places: Mapping[str, Path]
    shapes: Mapping[str, tuple[int, ...]]

    @property
    def files(self) -> list[Path]:
        return sorted(set(self.places.values()))

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, torch.Tensor]]:
        """In float32, in no promised order; raises WeightNotFiniteError, and WeightsUnreadableError if a file went."""
        wanted: dict[Path, list[str]] = {}
        for name in names:
            wanted.setdefault(self.places[name], []).append(name)
        for file, inside in wanted.items():
            try:
                with safe_open(file, framework="pt") as opened:
                    for name in inside:
                        yield name, _finite(name, opened.get_tensor(name).to(torch.float32))
            except (OSError, SafetensorError) as error:
                raise WeightsUnreadableError(file.name, f"cannot be read any more: {error}") from error

    def sha256(self) -> str:
        """Digest of the bytes of all files, in order of their names."""
        digest = hashlib.sha256()
        for file in self.files:
            with file.open("rb") as opened:
                while piece := opened.read(1 << 20):
                    digest.update(piece)
        return digest.hexdigest()


def open_weights(folder: Path) -> WeightFiles:
    """Reads headers only; raises PickledWeightsError, WeightsUnreadableError and ConfigInvalidError."""
    if (folder / WHOLE).exists():
        return _joined({WHOLE: _header(folder, WHOLE)}, folder)
    if not (folder / INDEX).exists():
        pickles = sorted(file.name for pattern in PICKLED for file in folder.glob(pattern))
        if pickles:
            raise PickledWeightsError(pickles)
        raise WeightsUnreadableError(WHOLE, f"there is none in {folder}, nor {INDEX}")
    listed = read_object(folder / INDEX, MOST_INDEX_BYTES).get("weight_map")
    if not isinstance(listed, dict) or not listed or not all(isinstance(name, str) for name in listed.values()):
        raise WeightsUnreadableError(INDEX, "has no weight_map from tensors to files")
    headers = {name: _header(folder, name) for name in sorted(set(listed.values()))}
    for tensor, name in listed.items():
        if tensor not in headers[name]:
            raise WeightsUnreadableError(name, f"has no {tensor}, which {INDEX} places there; bring the file anew")
    return _joined(headers, folder)


def _joined(headers: Mapping[str, Mapping[str, tuple[int, ...]]], folder: Path) -> WeightFiles:
    places: dict[str, Path] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    for name, header in headers.items():
        for tensor, shape in header.items():
            if tensor in places:
                raise WeightsUnreadableError(name, f"has {tensor}, and so has {places[tensor].name}")
            places[tensor], shapes[tensor] = folder / name, shape
    return WeightFiles(places, shapes)


def _header(folder: Path, name: str) -> dict[str, tuple[int, ...]]:
    """Shapes by name. safetensors compares the header with the file's length, so nothing is longer than it says."""
    file = folder / name
    if Path(name).name != name or not name.endswith(".safetensors") or not lies_inside(folder, file):
        raise WeightsUnreadableError(INDEX, f"names {json.dumps(name)}, which is no safetensors file in the folder")
    try:
        with safe_open(file, framework="pt") as opened:
            slices = {tensor: opened.get_slice(tensor) for tensor in opened.keys()}  # noqa: SIM118
            kinds = {tensor: part.get_dtype() for tensor, part in slices.items()}
            shapes = {tensor: tuple(part.get_shape()) for tensor, part in slices.items()}
    except FileNotFoundError as error:
        raise WeightsUnreadableError(name, f"{INDEX} names it, but it is not there; bring all files") from error
    except (OSError, SafetensorError) as error:
        raise WeightsUnreadableError(name, f"is cut off or no safetensors file ({error}); bring it anew") from error
    for tensor, kind in kinds.items():
        if kind not in FLOATS:
            raise WeightsUnreadableError(name, f"{tensor} is stored as {kind}, only {', '.join(FLOATS)} can be read")
    return shapes


def _finite(name: str, values: torch.Tensor) -> torch.Tensor:
    wrong = values.numel() - int(torch.isfinite(values).sum())
    if wrong:
        raise WeightNotFiniteError(name, wrong)
    return values
