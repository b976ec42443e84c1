"""Convolutions with few outputs, rewritten so that a processor's vectors are full. Same weights, same results.

onnxruntime's fast kernels compute 16 output channels at once, whether there are 16 or one. A convolution with one
output computes 16 neighbouring places instead (Vaidyanathan 1990, "Multirate digital filters, ..."): the kernel stands
at 16 offsets, the stride is as much wider, and the outputs are laid side by side again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

ACTIVATIONS = ("Relu", "Sigmoid")


@dataclass(frozen=True)
class Phases:
    """How many neighbouring places a convolution computes at once, along both axes of a map."""

    rows: int
    columns: int


@dataclass(frozen=True)
class OutputSize:
    """Of one map, in places."""

    rows: int
    columns: int


def widen(graph: onnx.GraphProto, conv: onnx.NodeProto, phases: Phases, size: OutputSize) -> None:
    """Rewrites one convolution in its graph; what comes after it sees what it saw before."""
    weights = initializer(graph, conv.input[1])
    outputs, strides = weights.shape[0], attributes(conv, "strides")
    name = conv.output[0]
    wide = widened_kernel(weights, phases, strides)
    replace(graph, conv, 1, wide)
    if len(conv.input) > 2:
        replace(graph, conv, 2, np.repeat(initializer(graph, conv.input[2]), phases.rows * phases.columns))
    rows, columns = -(-size.rows // phases.rows), -(-size.columns // phases.columns)
    missing = (rows * phases.rows - size.rows, columns * phases.columns - size.columns)
    top, left, bottom, right = attributes(conv, "pads") or [0, 0, 0, 0]
    pads = [top, left, bottom + missing[0] * strides[0], right + missing[1] * strides[1]]
    wide_strides = [strides[0] * phases.rows, strides[1] * phases.columns]
    set_attributes(conv, pads=pads, strides=wide_strides, kernel_shape=list(wide.shape[2:]))
    last = _activation_after(graph, conv) or conv
    name = last.output[0]
    last.output[0] = f"{name}/phases"
    if last is not conv:
        last.input[0] = conv.output[0] = f"{conv.output[0]}/phases"
    apart = [0, outputs, phases.rows, phases.columns, rows, columns]
    together = [0, outputs, rows * phases.rows, columns * phases.columns]
    joined = f"{name}/joined" if any(missing) else name
    nodes = [
        *_reshape(graph, last.output[0], apart, f"{name}/apart"),
        helper.make_node("Transpose", [f"{name}/apart"], [f"{name}/beside"], perm=[0, 1, 4, 2, 5, 3]),
        *_reshape(graph, f"{name}/beside", together, joined),
        *(_cut(graph, joined, size, name) if any(missing) else ()),
    ]
    place = list(graph.node).index(last) + 1
    for offset, node in enumerate(nodes):
        graph.node.insert(place + offset, node)


def widened_kernel(weights: NDArray[np.float32], phases: Phases, strides: Sequence[int]) -> NDArray[np.float32]:
    """[outputs, inputs, rows, columns] to one kernel for each output and phase, as large as all offsets need."""
    outputs, inputs, rows, columns = weights.shape
    reach = (rows + strides[0] * (phases.rows - 1), columns + strides[1] * (phases.columns - 1))
    wide = np.zeros((outputs, phases.rows, phases.columns, inputs, *reach), dtype=np.float32)
    for row in range(phases.rows):
        for column in range(phases.columns):
            top, left = strides[0] * row, strides[1] * column
            wide[:, row, column, :, top : top + rows, left : left + columns] = weights
    return wide.reshape(outputs * phases.rows * phases.columns, inputs, *reach)


def _activation_after(graph: onnx.GraphProto, conv: onnx.NodeProto) -> onnx.NodeProto | None:
    """The only one that reads it, if it works place by place: then it stays fused with the convolution."""
    readers = [node for node in graph.node if conv.output[0] in node.input]
    return readers[0] if len(readers) == 1 and readers[0].op_type in ACTIVATIONS else None


def initializer(graph: onnx.GraphProto, name: str) -> NDArray[np.float32]:
    """The values of a constant."""
    array: NDArray[np.float32] = numpy_helper.to_array(next(each for each in graph.initializer if each.name == name))
    return array


def replace(graph: onnx.GraphProto, node: onnx.NodeProto, place: int, values: NDArray[np.float32]) -> None:
    """Under a name of its own: other nodes may read the old values, but none those of an earlier call."""
    name = f"{node.output[0]}/input{place}"
    for tensor in [each for each in graph.initializer if each.name == name]:
        graph.initializer.remove(tensor)
    graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
    node.input[place] = name


def attributes(node: onnx.NodeProto, name: str) -> list[int]:
    """A list of integers; empty when the node has none of the name."""
    return next((list(each.ints) for each in node.attribute if each.name == name), [])


def set_attributes(node: onnx.NodeProto, **values: list[int]) -> None:
    """Lists of integers; the other attributes stay."""
    kept = [each for each in node.attribute if each.name not in values]
    del node.attribute[:]
    node.attribute.extend([*kept, *(helper.make_attribute(name, value) for name, value in values.items())])


def _reshape(graph: onnx.GraphProto, source: str, shape: Sequence[int], target: str) -> list[onnx.NodeProto]:
    """A 0 leaves the batch axis as long as it is."""
    graph.initializer.append(numpy_helper.from_array(np.array(shape, dtype=np.int64), f"{target}/shape"))
    return [helper.make_node("Reshape", [source, f"{target}/shape"], [target])]


def _cut(graph: onnx.GraphProto, source: str, size: OutputSize, target: str) -> list[onnx.NodeProto]:
    """Without what was computed beyond the end."""
    values = {"starts": [0, 0], "ends": [size.rows, size.columns], "axes": [2, 3]}
    for name, value in values.items():
        graph.initializer.append(numpy_helper.from_array(np.array(value, dtype=np.int64), f"{target}/{name}"))
    return [helper.make_node("Slice", [source, *(f"{target}/{name}" for name in values)], [target])]
