"""Stage `optimise`: the published graph with names to read, and the same arithmetic in a faster order."""

from pathlib import Path

import onnx
from onnx import shape_inference

from model_export.note_transcription.layout import join_phases, split_inputs, spread_constants
from model_export.note_transcription.polyphase import OutputSize, Phases, widen
from model_export.note_transcription.settings import SHAPE

INPUT = "serving_default_input_2:0"
# What the exporter called the three outputs; told by their shapes and by parity with the published code.
OUTPUTS = {
    "StatefulPartitionedCall:2": "onset",
    "StatefulPartitionedCall:1": "note",
    "StatefulPartitionedCall:0": "contour",
}
VECTOR = 16


def optimised(source: Path) -> onnx.ModelProto:
    """The model with input `audio` and outputs `onset`, `note` and `contour`."""
    model = onnx.load(str(source))
    graph = model.graph
    sizes = _sizes(model)
    sizes |= {part: sizes[whole] for part, whole in split_inputs(graph).items()}
    weights = {tensor.name: tensor.dims for tensor in graph.initializer}
    for node in [each for each in graph.node if each.op_type == "Conv"]:
        outputs, inputs, rows, _ = weights[node.input[1]]
        if (phases := _phases(outputs, inputs, rows)) is not None:
            widen(graph, node, phases, sizes[node.output[0]])
    join_phases(graph)
    spread_constants(graph)
    _rename(graph)
    _forget_unused(graph)
    # A description of shapes that are no longer there, and of the exporter's machine.
    del graph.value_info[:]
    onnx.checker.check_model(model, full_check=True)
    return model


def _phases(outputs: int, inputs: int, rows: int) -> Phases | None:
    """What fills the vectors: one output by 16 neighbours (the low-pass filters along time, maps in both axes)."""
    if outputs == 1 and rows == 1:
        return Phases(1, VECTOR)
    if outputs == 1 and inputs <= 2 * VECTOR:
        return Phases(4, 4)
    if outputs == VECTOR // 2:
        return Phases(1, 2)
    return None


def _sizes(model: onnx.ModelProto) -> dict[str, OutputSize]:
    """Of all maps. Those of the network are as large as its contours, whose size inference does not see."""
    known = shape_inference.infer_shapes(model).graph.value_info
    whole = OutputSize(SHAPE.frames, SHAPE.contour_bins)
    found = {}
    for value in known:
        size = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        if len(size) == 4:
            found[value.name] = OutputSize(size[2], size[3]) if size[2] and size[3] else whole
    return found


def _rename(graph: onnx.GraphProto) -> None:
    names = {INPUT: "audio", **OUTPUTS}
    for node in graph.node:
        for values in (node.input, node.output):
            for place, name in enumerate(values):
                values[place] = names.get(name, name)
    for tensor in (*graph.input, *graph.output):
        tensor.name = names[tensor.name]
        tensor.type.tensor_type.shape.dim[0].dim_param = "windows"


def _forget_unused(graph: onnx.GraphProto) -> None:
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
