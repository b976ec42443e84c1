"""How the graph multiplies by its weights: in the type of the computation, or in int8 in two ways."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_export.graph_writer import CONTRIB, GraphWriter

Matrix = NDArray[np.float32]
# (writer, name, what is multiplied [..., in], weight [out, in]) -> product [..., out]
Product = Callable[[GraphWriter, str, str, Matrix], str]
BLOCK: Final = 32
LARGEST: Final = 127.0
MIDDLE: Final = 128


def floating(writer: GraphWriter, name: str, source: str, weight: Matrix) -> str:
    """In the type of the computation."""
    return writer.node("MatMul", [source, writer.weight(f"{name}.weight", weight.T)], f"{name}.product")


def row_int8(writer: GraphWriter, name: str, source: str, weight: Matrix) -> str:
    """Integers on both sides: one scale per output channel, and one per row of activations found as it comes.

    A scale per row, unlike the usual one per tensor, keeps a row free of its batch mates; sums of integers are exact.
    """
    scale = np.maximum(np.abs(weight).max(axis=1), np.finfo(np.float32).tiny) / LARGEST
    levels = np.round(weight / scale[:, None]).astype(np.int8)
    one, axis = writer.constant("one", np.array(1 / LARGEST, np.float32)), writer.constant("last_axis", np.array([-1]))
    middle = writer.constant("middle", np.array(MIDDLE, np.uint8))
    tiny = writer.constant("tiny", np.array(1e-20, np.float32))
    size = writer.node("Abs", [source], f"{name}.size")
    largest = writer.node("ReduceMax", [size, axis], f"{name}.largest")
    unit = writer.node("Max", [largest, tiny], f"{name}.unit")
    scaled = writer.node("Div", [source, unit], f"{name}.scaled")
    rounded = writer.node("QuantizeLinear", [scaled, one, middle], f"{name}.rounded")
    stored = writer.constant(f"{name}.weight", levels.T)
    widths = writer.constant(f"{name}.scale", scale.astype(np.float32))
    inputs = [rounded, stored, one, widths, middle]
    product = writer.node("MatMulIntegerToFloat", inputs, f"{name}.levels", domain=CONTRIB)
    return writer.node("Mul", [product, unit], f"{name}.product")


def block_int8(writer: GraphWriter, name: str, source: str, weight: Matrix) -> str:
    """One scale per block of 32 inputs on both sides, in one operator of the runtime (accuracy level 4)."""
    rows, columns = weight.shape
    padded = np.pad(weight, ((0, 0), (0, -columns % BLOCK))).reshape(rows, -1, BLOCK)
    scale = np.maximum(np.abs(padded).max(axis=2), np.finfo(np.float32).tiny) / LARGEST
    levels = (np.round(padded / scale[:, :, None]) + MIDDLE).astype(np.uint8)
    stored = writer.constant(f"{name}.weight", levels)
    widths = writer.constant(f"{name}.scale", scale.astype(np.float32).reshape(-1))
    sizes = {"K": columns, "N": rows, "bits": 8, "block_size": BLOCK, "accuracy_level": 4}
    return writer.node("MatMulNBits", [source, stored, widths], f"{name}.product", domain=CONTRIB, **sizes)
