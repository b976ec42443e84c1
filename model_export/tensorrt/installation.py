"""Which TensorRT and which GPU there are. TensorRT is found by its name when it is asked for, never imported before."""

import importlib
from dataclasses import dataclass
from typing import Any, Final

import torch

from model_export.tensorrt.errors import NothingToDoError
from triton_models.step_graph.plans.place import Machine, Place

TENSORRT: Final = "tensorrt"
RTX: Final = "tensorrt_rtx"
# What tensorrt_rtx compiles for where no GPU is.
WITHOUT_GPU: Final = "8.9"


@dataclass(frozen=True)
class Installation:
    """TensorRT's module by its name, and the machine that it is on."""

    name: str
    trt: Any
    machine: Machine

    @property
    def version(self) -> str:
        return str(self.trt.__version__)

    @property
    def place(self) -> Place:
        """What is built here is for."""
        return Place(self.name, self.version, self.machine)

    @property
    def rtx(self) -> bool:
        return self.name == RTX


def find(*, rtx: bool) -> Installation:
    """Raises NothingToDoError without the module; only tensorrt_rtx does without a GPU."""
    name = RTX if rtx else TENSORRT
    try:
        trt = importlib.import_module(name)
    except ImportError as error:
        raise NothingToDoError(
            f"The Python package {name} cannot be loaded ({error}): run this in the container that serves."
        ) from error
    machine = present()
    if machine is None and not rtx:
        raise NothingToDoError("No CUDA device answers here: plans are built and checked on the GPU that runs them.")
    return Installation(name, trt, machine or Machine("", WITHOUT_GPU))


def present() -> Machine | None:
    """The first CUDA device that PyTorch sees."""
    if not torch.cuda.is_available():
        return None
    major, minor = torch.cuda.get_device_capability()
    return Machine(str(torch.cuda.get_device_name()), f"{major}.{minor}")
