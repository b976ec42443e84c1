"""Opens plans on this machine: finds TensorRT, CUDA and the GPU, none of which is imported before it is asked for."""

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from triton_models.step_graph.devices import Device, DeviceAbsentError
from triton_models.step_graph.plans.files import read_plan
from triton_models.step_graph.plans.place import Machine, Place
from triton_models.step_graph.plans.recording import CudaError, Stream, checked
from triton_models.step_graph.plans.session import PlanSession
from triton_models.step_graph.sessions import StepGraphError

TENSORRT: Final = "tensorrt"
CUDA: Final = "cuda.bindings.runtime"
# The first that writes caches in place.
FIRST: Final = (10, 15)


@dataclass(frozen=True)
class PlanRuntime:
    """`trt` is the module tensorrt, `cuda` the module cuda.bindings.runtime."""

    trt: Any
    cuda: Any

    def place(self, device: Device) -> Place:
        """Raises DeviceAbsentError where there is no such device, or TensorRT is too old."""
        if tuple(int(part) for part in self.trt.__version__.split(".")[:2]) < FIRST:
            first = ".".join(str(part) for part in FIRST)
            raise DeviceAbsentError(
                f"TensorRT {self.trt.__version__} cannot write caches in place: use {first} or later, or lay the model "
                "with --profile onnx-gpu"
            )
        try:
            told = checked(self.cuda, self.cuda.cudaGetDeviceProperties(device.number))
        except CudaError as error:
            raise DeviceAbsentError(
                f"TensorRT's plans are to run on {device}, which does not answer ({error}): serve them on the machine "
                "that they were built on, or lay the model with --profile cpu"
            ) from error
        return Place(TENSORRT, str(self.trt.__version__), Machine(told.name.decode(), f"{told.major}.{told.minor}"))

    def open(self, graphs: Path, name: str, device: Device) -> PlanSession:
        """The plan of a graph; raises StepGraphError or DeviceAbsentError, in a sentence."""
        content = read_plan(graphs, name, self.place(device))
        # First: a plan is laid on the device that the thread means when it is loaded.
        stream = Stream(self.cuda, device.number)
        logger = self.trt.Logger(self.trt.Logger.WARNING)
        engine = self.trt.Runtime(logger).deserialize_cuda_engine(content)
        if engine is None:
            raise StepGraphError(f"TensorRT does not load the plan of {name}: build it again on this GPU")
        return PlanSession(self.trt, engine, stream, device, name)


def find() -> PlanRuntime:
    """Raises DeviceAbsentError where a package is missing."""
    return PlanRuntime(_found(TENSORRT, "tensorrt"), _found(CUDA, "cuda-bindings"))


def _found(module: str, package: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise DeviceAbsentError(
            f"TensorRT's plans need the Python package {package}, which cannot be loaded ({error}): install it, or lay "
            "the model with --profile onnx-gpu"
        ) from error
