"""Stage `quantise`: three smaller forms of the float32 graph. Each takes and returns a model in memory.

`dynamic int8` computes in int8 and so quantises activations per call; the other two only store weights small
and let the runtime widen them once, when it folds constants at load.
"""

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

SMALLEST_WEIGHT = 10_000  # values; biases and norms stay as they are


def strip(model: ModelProto) -> ModelProto:
    """Remove what the exporter notes about its own source files: paths of a machine are nobody's business."""
    graph = model.graph
    del model.metadata_props[:]
    del graph.metadata_props[:]
    del graph.value_info[:]
    named = [*graph.node, *graph.initializer, *graph.input, *graph.output]
    for part in named:
        part.doc_string = ""
        del part.metadata_props[:]
    return model


def dynamic_int8(source: Path, target: Path) -> None:
    """Integer products with per-channel weights, and the word table in int8."""
    quantize_dynamic(
        source,
        target,
        op_types_to_quantize=["MatMul", "Gather"],
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
    )


def float16_weights(source: Path, target: Path) -> None:
    """Weights stored as float16, computed in float32."""
    model = onnx.load(source)
    large = [tensor for tensor in model.graph.initializer if np.prod(tensor.dims) >= SMALLEST_WEIGHT]
    for tensor in large:
        values = numpy_helper.to_array(tensor).astype(np.float16)
        replace(model, tensor, [numpy_helper.from_array(values, f"{tensor.name}.half")])
        widen = helper.make_node("Cast", [f"{tensor.name}.half"], [tensor.name], to=TensorProto.FLOAT)
        model.graph.node.insert(0, widen)
    onnx.save(move_widening_after_lookup(model), target)


def int8_weights(source: Path, target: Path) -> None:
    """Weights stored as int8 with one scale per output channel (per word in the table), computed in float32."""
    model = onnx.load(source)
    table = next(node.input[0] for node in model.graph.node if node.op_type == "Gather")
    large = [tensor for tensor in model.graph.initializer if np.prod(tensor.dims) >= SMALLEST_WEIGHT]
    for tensor in large:
        by_row = tensor.name == table or tensor.name == "positions"
        values, scale = symmetric_int8(numpy_helper.to_array(tensor), axis=1 if by_row else 0)
        stored = [(values, f"{tensor.name}.int8"), (scale, f"{tensor.name}.scale")]
        replace(model, tensor, [numpy_helper.from_array(array, name) for array, name in stored])
        wide = f"{tensor.name}.wide"
        cast = helper.make_node("Cast", [f"{tensor.name}.int8"], [wide], to=TensorProto.FLOAT)
        scaled = helper.make_node("Mul", [wide, f"{tensor.name}.scale"], [tensor.name])
        model.graph.node.insert(0, scaled)
        model.graph.node.insert(0, cast)
    onnx.save(move_widening_after_lookup(model), target)


def symmetric_int8(weights: NDArray[np.float32], axis: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Values in -127..127 and scales, so that values * scales is close to `weights` [rows, columns]."""
    scale = np.abs(weights).max(axis=axis, keepdims=True) / 127.0
    scale = np.maximum(scale, np.finfo(np.float32).tiny).astype(np.float32)
    return np.round(weights / scale).astype(np.int8), scale


def replace(model: ModelProto, old: TensorProto, new: list[TensorProto]) -> None:
    """Swap one stored weight for its parts."""
    model.graph.initializer.remove(old)
    model.graph.initializer.extend(new)


def move_widening_after_lookup(model: ModelProto) -> ModelProto:
    """Look words up in the small table and widen only the rows found: the table stays small in memory."""
    graph = model.graph
    lookup = next(node for node in graph.node if node.op_type == "Gather")
    maker = {output: node for node in graph.node for output in node.output}
    chain: list[NodeProto] = []
    name = lookup.input[0]
    while name in maker:
        chain.insert(0, maker[name])
        name = maker[name].input[0]
    found, result = f"{name}.rows", lookup.output[0]
    lookup.input[0], lookup.output[0] = name, found
    moved = widened_rows(chain, lookup, found, result)
    for node in chain:
        graph.node.remove(node)
    place = list(graph.node).index(lookup) + 1
    for offset, node in enumerate(moved):
        graph.node.insert(place + offset, node)
    return model


def widened_rows(chain: list[NodeProto], lookup: NodeProto, found: str, result: str) -> list[NodeProto]:
    """The widening nodes again, now on the rows found; a scale per row is looked up as well."""
    moved: list[NodeProto] = []
    for index, node in enumerate(chain):
        output = result if index == len(chain) - 1 else f"{found}.{index}"
        if node.op_type == "Mul":
            scales = f"{found}.scale"
            moved.append(helper.make_node("Gather", [node.input[1], lookup.input[1]], [scales], axis=0))
            moved.append(helper.make_node("Mul", [found, scales], [output]))
        else:
            moved.append(helper.make_node("Cast", [found], [output], to=TensorProto.FLOAT))
        found = output
    return moved
