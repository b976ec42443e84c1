"""Data laid out so that nothing is moved between two convolutions, and constants so that whole rows are computed.

Same weights, same sums; only where a number lies changes.
"""

from collections.abc import Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

from model_export.note_transcription.polyphase import attributes, initializer, replace, set_attributes

ELEMENTWISE = ("Mul", "Add")


def spread_constants(graph: onnx.GraphProto) -> None:
    """onnxruntime computes element by element where a constant is repeated along the last axis, even along one of 1.

    So the two parts of a complex number get one factor each, and an axis of 1 is made behind the scaling, not before.
    """
    known = {tensor.name for tensor in graph.initializer}
    for node in [each for each in graph.node if each.op_type in ELEMENTWISE]:
        places = [place for place, name in enumerate(node.input) if name in known]
        values = initializer(graph, node.input[places[0]]) if places else np.zeros(())
        if values.ndim == 3 and values.shape[1:] == (1, 1):
            replace(graph, node, places[0], np.repeat(values, 2, axis=2))
        elif values.shape == (1,):
            _move_up(graph, node)


def _move_up(graph: onnx.GraphProto, node: onnx.NodeProto) -> None:
    """In front of the new axis that it reads, if nothing else does."""
    axis = next((each for each in graph.node if node.input[0] in each.output), None)
    if axis is None or axis.op_type != "Unsqueeze" or len(_readers(graph, axis.output[0])) > 1:
        return
    before, between, after = axis.input[0], axis.output[0], node.output[0]
    graph.node.remove(axis)
    node.input[0], node.output[0] = before, between
    axis.input[0], axis.output[0] = between, after
    graph.node.insert(list(graph.node).index(node) + 1, axis)


def split_inputs(graph: onnx.GraphProto) -> dict[str, str]:
    """A convolution that reads one map beside others reads it for itself, and the sums are added up.

    33 channels fit no vectors, 32 and one by itself do, and nothing has to be laid side by side. Gives the names of
    the parts with that of their sum.
    """
    parts: dict[str, str] = {}
    for conv in [node for node in graph.node if node.op_type == "Conv"]:
        beside = next((node for node in graph.node if conv.input[0] in node.output), None)
        if beside is None or beside.op_type != "Concat" or len(_readers(graph, beside.output[0])) > 1:
            continue
        weights, name = initializer(graph, conv.input[1]), conv.output[0]
        first = onnx.NodeProto()
        first.CopyFrom(conv)
        conv.input[0], conv.output[0] = beside.input[1], f"{name}/second"
        first.input[0], first.output[0] = beside.input[0], f"{name}/first"
        replace(graph, first, 1, weights[:, :1])
        replace(graph, conv, 1, weights[:, 1:])
        del first.input[2:]
        first.name = f"{conv.name}/first"
        place = list(graph.node).index(conv)
        graph.node.insert(place, first)
        graph.node.insert(place + 2, helper.make_node("Add", [f"{name}/first", f"{name}/second"], [name]))
        graph.node.remove(beside)
        parts |= {f"{name}/first": name, f"{name}/second": name}
    return parts


def join_phases(graph: onnx.GraphProto) -> None:
    """A convolution that reads what another computed in phases reads the phases, as channels of their own."""
    for beside in [node for node in graph.node if node.op_type == "Transpose" and node.output[0].endswith("/beside")]:
        apart, joined = _writer(graph, beside.input[0]), _readers(graph, beside.output[0])[0]
        readers = _readers(graph, joined.output[0])
        _, _, rows, columns, _, width = (int(size) for size in initializer(graph, apart.input[1]))
        if [reader.op_type for reader in readers] != ["Conv"] or rows != 1:
            continue
        if attributes(readers[0], "strides")[1] % columns:
            continue
        _read_phases(graph, readers[0], columns, width)
        readers[0].input[0] = apart.input[0]
        for node in (apart, beside, joined):
            graph.node.remove(node)


def _read_phases(graph: onnx.GraphProto, conv: onnx.NodeProto, columns: int, width: int) -> None:
    """`width` is that of a phase."""
    weights = initializer(graph, conv.input[1])
    (row_stride, stride), (top, left, bottom, right) = attributes(conv, "strides"), attributes(conv, "pads")
    count = (width * columns + left + right - weights.shape[3]) // stride + 1
    apart, left = phased_kernel(weights, columns, left)
    right = stride // columns * (count - 1) + apart.shape[3] - width - left
    replace(graph, conv, 1, apart)
    set_attributes(
        conv,
        strides=[row_stride, stride // columns],
        pads=[top, left, bottom, right],
        kernel_shape=list(apart.shape[2:]),
    )


def phased_kernel(weights: NDArray[np.float32], phases: int, left: int) -> tuple[NDArray[np.float32], int]:
    """A kernel over columns that are `left` padded, [outputs, inputs, rows, columns], as one over their phases.

    It reads [inputs * phases] channels, each phase's beside the others'; with it comes how much these are padded.
    """
    outputs, inputs, rows, columns = weights.shape
    places = [divmod(column - left, phases) for column in range(columns)]
    first = min(place for place, _ in places)
    reach = max(place for place, _ in places) - first + 1
    apart = np.zeros((outputs, inputs, phases, rows, reach), dtype=np.float32)
    for column, (place, phase) in enumerate(places):
        apart[:, :, phase, :, place - first] = weights[:, :, :, column]
    return apart.reshape(outputs, inputs * phases, rows, reach), -first


def _writer(graph: onnx.GraphProto, name: str) -> onnx.NodeProto:
    return next(node for node in graph.node if name in node.output)


def _readers(graph: onnx.GraphProto, name: str) -> Sequence[onnx.NodeProto]:
    return [node for node in graph.node if name in node.input]
