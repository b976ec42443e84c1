"""Writes an ONNX graph node by node; knows ONNX, none of the models."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, ValueInfoProto, helper, numpy_helper

OPSET: Final = 23
IR_VERSION: Final = 11
# What only a later set has.
LATER: Final = {"TensorScatter": 24}
CONTRIB: Final = "com.microsoft"
SMALL: Final = 1024
PAGE: Final = 4096
Shape = Sequence[int | str]
Compute = type[np.float32] | type[np.float16]


class GraphWriter:
    """Names are given by the caller; `compute` is the type of weights and activations, float32 or float16.

    With `beside`, the name of a file in the graph's folder, large constants are written there as they come: a graph in
    one piece has at most 2 GB, and is whole in memory while it is made.
    """

    def __init__(self, compute: Compute, beside: Path | None = None) -> None:
        self.compute = compute
        self._beside = beside
        if beside is not None:
            beside.write_bytes(b"")
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._inputs: list[ValueInfoProto] = []
        self._outputs: list[ValueInfoProto] = []

    @property
    def element(self) -> int:
        """`compute` as ONNX numbers its types."""
        return int(helper.np_dtype_to_tensor_dtype(np.dtype(self.compute)))

    def input(self, name: str, element: int, shape: Shape) -> str:
        """Declare an input."""
        self._inputs.append(helper.make_tensor_value_info(name, element, shape))
        return name

    def output(self, name: str, element: int, shape: Shape) -> None:
        """Declare an output that a node has or will have made."""
        self._outputs.append(helper.make_tensor_value_info(name, element, shape))

    def weight(self, name: str, values: NDArray[np.floating[Any]]) -> str:
        """A constant in the type of the computation."""
        return self.constant(name, values.astype(self.compute))

    def constant(self, name: str, values: NDArray[np.generic]) -> str:
        """A constant as it is; the same name again means the same constant."""
        if name not in self._constants:
            self._constants[name] = self._stored(name, np.asarray(values, order="C"))
        return name

    def node(self, operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        """Add a node of one output; returns that output."""
        self.nodes(operator, inputs, [output], **attributes)
        return output

    def nodes(self, operator: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: Any) -> None:
        """Add a node; `domain` among the attributes names its set of operators."""
        self._nodes.append(helper.make_node(operator, inputs, outputs, name=f"{operator}.{outputs[0]}", **attributes))

    def save(self, target: Path, name: str) -> Path:
        """Write the model and check it."""
        graph = helper.make_graph(self._nodes, name, self._inputs, self._outputs, list(self._constants.values()))
        sets = [helper.make_opsetid("", max(LATER.get(node.op_type, OPSET) for node in self._nodes))]
        if any(node.domain == CONTRIB for node in self._nodes):
            sets.append(helper.make_opsetid(CONTRIB, 1))
        model = helper.make_model(graph, opset_imports=sets, ir_version=IR_VERSION, producer_name="cadenza")
        onnx.save(model, target)
        onnx.checker.check_model(str(target))
        return target

    def _stored(self, name: str, values: NDArray[np.generic]) -> onnx.TensorProto:
        """The tensor, or where in the file beside the graph it lies: at a page, so that runtimes may map it."""
        if self._beside is None or values.nbytes < SMALL:
            return numpy_helper.from_array(values, name)
        with self._beside.open("ab") as file:
            file.write(bytes(-file.tell() % PAGE))
            place = {"location": self._beside.name, "offset": str(file.tell()), "length": str(values.nbytes)}
            file.write(values.data)
        tensor = TensorProto(name=name, dims=values.shape, data_location=TensorProto.EXTERNAL)
        tensor.data_type = helper.np_dtype_to_tensor_dtype(values.dtype)
        for key, value in place.items():
            tensor.external_data.add(key=key, value=value)
        return tensor


FLOAT: Final = TensorProto.FLOAT
INT8: Final = TensorProto.INT8
INT32: Final = TensorProto.INT32
INT64: Final = TensorProto.INT64
