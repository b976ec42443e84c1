"""A plan behind the calls of an onnxruntime session, as far as step graphs on a device are driven by them.

So rows, positions and memory are handled by the same code for both runtimes (device_steps). Used by one thread.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from triton_models.step_graph.device_steps import GRAPH_ID, NOT_CAPTURED
from triton_models.step_graph.devices import Device
from triton_models.step_graph.plans.place import ALIGNED
from triton_models.step_graph.plans.recording import Stream
from triton_models.step_graph.rows import PRESENT
from triton_models.step_graph.sessions import PAST, StepGraphError

# Profiles of a plan: many rows with one position, and one row with many; without the second there is but one.
STEPS, PROMPTS = 0, 1
FREE = -1
CROSS = "cross_"


@dataclass(frozen=True)
class Node:
    """An input or output, as onnxruntime describes it; free axes have names."""

    name: str
    shape: Sequence[int | str]
    element: type[np.generic]

    @property
    def type(self) -> str:
        """Of an input that holds numbers."""
        return {np.float32: "tensor(float)", np.float16: "tensor(float16)"}.get(self.element, self.element.__name__)


@dataclass
class Binding:
    """Where the inputs and outputs of a run lie, by name; what has no place yet is given one by the first run."""

    device: Device
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    addresses: dict[str, int] = field(default_factory=dict)
    kept: list[onnxruntime.OrtValue] = field(default_factory=list)

    def bind_input(
        self, name: str, kind: str, number: int, element: type[np.generic], shape: tuple[int, ...], address: int
    ) -> None:
        self.shapes[name], self.addresses[name] = shape, address

    def bind_output(self, name: str, kind: str, number: int, *place: Any) -> None:
        """`place` is element, shape and address, or nothing."""
        if place:
            self.addresses[name] = place[2]

    def bind_ortvalue_input(self, name: str, value: onnxruntime.OrtValue) -> None:
        self.kept.append(value)
        self.shapes[name], self.addresses[name] = tuple(value.shape()), value.data_ptr()

    def bind_ortvalue_output(self, name: str, value: onnxruntime.OrtValue) -> None:
        self.kept.append(value)
        self.addresses[name] = value.data_ptr()

    def bind_cpu_input(self, name: str, values: NDArray[Any]) -> None:
        """A copy on the device."""
        laid = onnxruntime.OrtValue.ortvalue_from_numpy(values, self.device.kind, self.device.number)
        self.bind_ortvalue_input(name, laid)

    def place_output(self, name: str, shape: tuple[int, ...], element: type[np.generic]) -> None:
        """Memory for what nobody asked for."""
        place = self.device.kind, self.device.number
        self.bind_ortvalue_output(name, onnxruntime.OrtValue.ortvalue_from_shape_and_type(shape, element, *place))


@dataclass
class Recorded:
    """A run of its own: the context that made it, and what was bound, which has to last as long."""

    context: Any
    binding: Binding
    run: Any


class PlanSession:
    """`engine` is a plan that `trt` has loaded. Raises StepGraphError for a plan that cannot be served."""

    def __init__(self, trt: Any, engine: Any, stream: Stream, device: Device, name: str) -> None:
        self._trt, self._engine, self._stream = trt, engine, stream
        self._device, self._name = device, name
        nodes = [self._node(engine.get_tensor_name(index)) for index in range(engine.num_io_tensors)]
        given = {node.name for node in nodes if engine.get_tensor_mode(node.name) == trt.TensorIOMode.INPUT}
        self._inputs = [node for node in nodes if node.name in given]
        self._outputs = [node for node in nodes if node.name not in given]
        self._recorded: dict[int, Recorded] = {}
        self._check()
        self._prompts = self._context(min(PROMPTS, engine.num_optimization_profiles - 1))

    def get_inputs(self) -> list[Node]:
        return self._inputs

    def get_outputs(self) -> list[Node]:
        return self._outputs

    @property
    def most_rows(self) -> int:
        """That a step may have."""
        return int(self._engine.get_tensor_profile_shape(self._inputs[0].name, STEPS)[2][0])

    def io_binding(self) -> Binding:
        return Binding(self._device)

    def run_with_iobinding(self, binding: Binding, options: onnxruntime.RunOptions | None = None) -> None:
        """Returns when the run is over. Raises StepGraphError when TensorRT does not take it."""
        number = NOT_CAPTURED if options is None else int(options.get_run_config_entry(GRAPH_ID))
        self._stream.enter()
        if number == NOT_CAPTURED:
            self._enqueue(self._prompts, binding)
        elif number in self._recorded:
            self._stream.launch(self._recorded[number].run)
        else:
            # A recorded run needs a context that is used for nothing else, and that has run before.
            context = self._context(STEPS)
            self._enqueue(context, binding)
            self._stream.wait()
            self._recorded[number] = Recorded(context, binding, self._stream.record(lambda: self._launch(context)))
        self._stream.wait()

    def _enqueue(self, context: Any, binding: Binding) -> None:
        for node in self._inputs:
            if not context.set_input_shape(node.name, binding.shapes[node.name]):
                shape = list(binding.shapes[node.name])
                raise StepGraphError(f"the plan of {self._name} takes no {node.name} of {shape}: build it again")
            context.set_tensor_address(node.name, binding.addresses[node.name])
        for node in self._outputs:
            if node.name not in binding.addresses:
                binding.place_output(node.name, tuple(context.get_tensor_shape(node.name)), node.element)
            context.set_tensor_address(node.name, binding.addresses[node.name])
        self._launch(context)

    def _launch(self, context: Any) -> None:
        if not context.execute_async_v3(self._stream.handle):
            raise StepGraphError(f"TensorRT cannot run the plan of {self._name}: its log says why")

    def _context(self, profile: int) -> Any:
        strategy = self._trt.ExecutionContextAllocationStrategy.ON_PROFILE_CHANGE
        context = self._engine.create_execution_context(strategy)
        if context is None or not context.set_optimization_profile_async(profile, self._stream.handle):
            raise StepGraphError(f"TensorRT cannot make room to run the plan of {self._name}: free some of the GPU")
        self._stream.wait()
        return context

    def _node(self, name: str) -> Node:
        element = np.dtype(self._trt.nptype(self._engine.get_tensor_dtype(name))).type
        sizes = self._engine.get_tensor_shape(name)
        # All that these graphs leave free.
        free = ["rows"] + ["n"] * len(sizes)
        shape = [axis if size == FREE else int(size) for axis, size in zip(free, sizes, strict=False)]
        return Node(name, shape, element)

    def _check(self) -> None:
        """Caches have to be written where they are read, and rows to begin where TensorRT can read."""
        for node in self._outputs:
            cache = node.name.replace(PRESENT, PAST)
            if node.name.startswith(PRESENT) and self._engine.get_aliased_input_tensor(node.name) != cache:
                raise StepGraphError(f"the plan of {self._name} does not write {cache} in place: build it again")
        for node in self._inputs:
            if not node.name.startswith((PAST, CROSS)):
                continue
            sizes = [size for size in node.shape[1:] if isinstance(size, int)]
            if len(sizes) + 1 < len(node.shape) or prod(sizes) * np.dtype(node.element).itemsize % ALIGNED:
                raise StepGraphError(
                    f"rows of {node.name} in the plan of {self._name} have no fixed size in multiples of {ALIGNED} "
                    "bytes: lay the model again"
                )
