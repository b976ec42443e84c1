"""Seeded inputs of the exported graphs, of the kind that each is given when it serves."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from model_export.tensorrt.graphs import CODECS, TEXT, Export, Graph
from triton_models.codec_stream.shape import read_shape
from triton_models.step_graph.code_books import FAR_BELOW
from triton_models.step_graph.device_steps import LAST

Array = NDArray[Any]
Feeds = Mapping[str, Array]
SEED: Final = 23
SPREAD: Final = 0.3
# Ids below are those of padding, of a text's end and of what is unknown.
FIRST_WORD: Final = 3


def feeds(export: Export, graph: Graph, shapes: Mapping[str, list[int]]) -> dict[str, Array]:
    """An array for each input by its shape, whole numbers int64 or int32, others float32; the same for every call."""
    chance = np.random.default_rng(SEED)
    lengths = {name: shape[2] for name, shape in shapes.items() if name.startswith("past_")}
    past = min(lengths.values(), default=0)
    # Caches of graphs that write in place are rounded up, and the model may have fewer positions than they.
    there, in_place = min(past, export.context), LAST in shapes
    made: dict[str, Array] = {}
    for name, shape in shapes.items():
        if name in ("codes", "tokens", "input_ids"):
            made[name] = chance.integers(*_numbers(export, graph), shape)
        elif name == "positions":
            most = there - shape[1] if in_place else min(past, export.context - shape[1])
            made[name] = _positions(chance, shape, most)
        elif name == LAST:
            count = next(shapes[new][-1] for new in ("codes", "tokens") if new in shapes)
            made[name] = chance.integers(count - 1, there, shape, np.int32)
        elif name in ("mask", "attention_mask"):
            made[name] = _shown(chance, shape).astype(np.int64)
        elif name == "cross_bias":
            made[name] = np.where(_shown(chance, shape), 0.0, FAR_BELOW).astype(np.float32)
        elif name == "chroma":
            made[name] = np.eye(shape[2], dtype=np.float32)[chance.integers(0, shape[2], shape[:2])]
        else:
            made[name] = chance.normal(0.0, SPREAD, shape).astype(np.float32)
    if in_place and "positions" in made:
        made[LAST] = made["positions"][:, -1].astype(np.int32)
    return made


def _numbers(export: Export, graph: Graph) -> tuple[int, int]:
    """Of codes, tokens or words: the first, and the first that is none. Start tokens and absent frames are codes."""
    if graph.kind == TEXT:
        return FIRST_WORD, int(Tokenizer.from_file(str(export.folder / "tokenizer.json")).get_vocab_size())
    if graph.kind in CODECS:
        return 0, read_shape(export.folder).book_size + 1
    return (0, export.made["architecture"]["vocabulary"]) if export.of_scores else (0, _codes(export))


def _codes(export: Export) -> int:
    return int(export.made["decoder"]["vocabulary"]) + 1


def _positions(chance: np.random.Generator, shape: list[int], last: int) -> Array:
    """Consecutive in each row, behind as many as are in its cache."""
    rows, count = shape
    return chance.integers(0, last + 1, (rows, 1)) + np.arange(count)


def _shown(chance: np.random.Generator, shape: list[int]) -> Array:
    """The first tokens of each row, and one at least."""
    lengths = chance.integers(1, shape[-1] + 1, (shape[0], *[1] * (len(shape) - 1)))
    shown: Array = np.arange(shape[-1]) < lengths
    return shown
