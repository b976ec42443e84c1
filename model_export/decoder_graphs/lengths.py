"""Fixes how long the caches and the texts of a graph are, as TensorRT wants it of caches that it writes in place."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import onnx

POSITIONS: Final = "positions"
WORDS: Final = "words"
# Which axis of an input or output is meant, by how its name begins.
AXES: Final[Mapping[str, tuple[int, str]]] = {
    "past_": (2, POSITIONS),
    "present_": (2, POSITIONS),
    "cross_key": (3, WORDS),
    "cross_value": (2, WORDS),
    "cross_bias": (3, WORDS),
    "states": (1, WORDS),
    "mask": (1, WORDS),
}


def fix_lengths(file: Path, positions: int, words: int) -> None:
    """Change the graph in its place, whether its axes were free or had another length; its weights stay as they are."""
    model, sizes = onnx.load(file, load_external_data=False), {POSITIONS: positions, WORDS: words}
    for node in [*model.graph.input, *model.graph.output]:
        for beginning, (axis, kind) in AXES.items():
            if node.name.startswith(beginning):
                node.type.tensor_type.shape.dim[axis].dim_value = sizes[kind]
    file.write_bytes(model.SerializeToString())
