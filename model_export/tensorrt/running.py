"""Plans on the GPU: TensorRT computes, PyTorch holds the memory."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from model_export.tensorrt.errors import PlansError
from model_export.tensorrt.inputs import Array, Feeds
from model_export.tensorrt.network import collecting_logger

GPU: Final = "cuda"
# The stream that PyTorch copies on, so that copies and the run keep their order.
STREAM: Final = 0


class DeviceRuntime:
    """`device` is where PyTorch lays inputs and outputs."""

    def __init__(self, trt: Any, device: str = GPU) -> None:
        self._trt = trt
        self._device = device
        self._logger = collecting_logger(trt)
        self._runtime = trt.Runtime(self._logger)

    def open(self, plan: Path) -> "DevicePlan":
        """See Runtime."""
        engine = self._runtime.deserialize_cuda_engine(plan.read_bytes())
        if engine is None:
            raise PlansError(f"TensorRT does not load {plan.name}: {_told(self._logger)}")
        return DevicePlan(self._trt, engine, self._logger, plan.name, self._device)


class DevicePlan:
    """One engine. Its memory for activations is taken anew for every run."""

    def __init__(self, trt: Any, engine: Any, logger: Any, name: str, device: str) -> None:
        self._trt = trt
        self._engine = engine
        self._logger = logger
        self._name = name
        self._device = device

    def run(self, given: Feeds, profile: int = 0) -> dict[str, Array]:
        """See Opened."""
        try:
            return self._run(given, profile)
        except torch.OutOfMemoryError as error:
            raise PlansError(f"The GPU's memory is too small to run {self._name}: free some, or use --at.") from error

    def _run(self, given: Feeds, profile: int) -> dict[str, Array]:
        context = self._engine.create_execution_context()
        if context is None or not context.set_optimization_profile_async(profile, STREAM):
            raise PlansError(f"TensorRT cannot run {self._name}: {_told(self._logger)}")
        laid, outputs = self._inputs(context, given), dict[str, torch.Tensor]()
        for name in self._names(self._trt.TensorIOMode.OUTPUT):
            if (cache := self._aliased(name)) is not None:
                outputs[name] = laid[cache]
                context.set_tensor_address(name, laid[cache].data_ptr())
                continue
            kind = torch.from_numpy(np.empty(0, self._trt.nptype(self._engine.get_tensor_dtype(name)))).dtype
            outputs[name] = torch.empty(tuple(context.get_tensor_shape(name)), dtype=kind, device=self._device)
            context.set_tensor_address(name, outputs[name].data_ptr())
        if not context.execute_async_v3(STREAM):
            raise PlansError(f"TensorRT cannot run {self._name}: {_told(self._logger)}")
        found = {name: values.cpu().numpy() for name, values in outputs.items()}
        # Copied back, so the run is over and its inputs may go.
        laid.clear()
        return found

    def _aliased(self, output: str) -> str | None:
        """The input that this output is written into; TensorRT before 10.15 knows of none."""
        asked = getattr(self._engine, "get_aliased_input_tensor", None)
        return None if asked is None else asked(output)

    def _inputs(self, context: Any, given: Feeds) -> dict[str, torch.Tensor]:
        laid = {}
        for name in self._names(self._trt.TensorIOMode.INPUT):
            # Caches are written in place: what was given has to stay as it is.
            values = torch.from_numpy(np.ascontiguousarray(given[name])).to(self._device, copy=True)
            if not context.set_input_shape(name, tuple(values.shape)):
                raise PlansError(f"{self._name} takes no {name} of {list(values.shape)}: build it again.")
            context.set_tensor_address(name, values.data_ptr())
            laid[name] = values
        return laid

    def _names(self, mode: Any) -> list[str]:
        names = [self._engine.get_tensor_name(index) for index in range(self._engine.num_io_tensors)]
        return [name for name in names if self._engine.get_tensor_mode(name) == mode]


def _told(logger: Any) -> str:
    return "; ".join(logger.problems) or "it does not say why"
