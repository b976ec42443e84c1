"""TensorRT on the CPU: the part of its Python API that is used, with onnxruntime behind it.

A plan is the path of its graph and the profile. `Trouble` says what shall go wrong, and how far outputs drift.
"""

import ctypes
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from math import prod
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_export.sessions import session
from model_export.tensorrt.installation import Installation
from tests.tensorrt.cuda_twin import CudaTwin
from triton_models.step_graph.plans.place import Machine

TYPES: Mapping[str, type[np.generic]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
}
GPU = Machine("Twin 9000", "9.0")


class Severity(IntEnum):
    INTERNAL_ERROR = 0
    ERROR = 1
    INFO = 3


class IOMode(IntEnum):
    INPUT = 1
    OUTPUT = 2


@dataclass
class Trouble:
    """`builder` is what a build fails with; `flags` are those that networks were made with.

    `cramped` has no memory for a context, `stuck` runs nothing more, `copied` writes caches elsewhere. `cuda` is where
    runs are put on streams.
    """

    builder: str = ""
    drift: float = 0.0
    flags: list[int] = field(default_factory=list)
    refused: bool = False
    cramped: bool = False
    stuck: bool = False
    copied: bool = False
    cuda: CudaTwin | None = None

    def lay(self) -> None:
        """A plan is loaded onto the device that is meant now."""
        if self.cuda is not None:
            self.cuda.loaded.append(self.cuda.meant)


class Logger:
    Severity = Severity

    def __init__(self) -> None:
        """As pybind11 wants it to be called."""

    def log(self, severity: int, text: str) -> None:
        raise NotImplementedError


class SeverityLogger(Logger):
    WARNING = Severity.INFO

    def __init__(self, severity: Severity) -> None:
        self.severity = severity

    def log(self, severity: int, text: str) -> None:
        """Nobody reads it."""


class Cache:
    def __init__(self, known: bytes) -> None:
        self.known = known

    def serialize(self) -> bytes:
        return self.known + b"."


class Configuration:
    def __init__(self) -> None:
        self.profiles: list[dict[str, Any]] = []
        self.cache = Cache(b"")
        self.tf32 = True

    def clear_flag(self, flag: str) -> None:
        self.tf32 = self.tf32 and flag != "TF32"

    def create_timing_cache(self, known: bytes) -> Cache:
        return Cache(known)

    def set_timing_cache(self, cache: Cache, ignore_mismatch: bool) -> bool:
        if cache.known.startswith(b"of another GPU") and not ignore_mismatch:
            return False
        self.cache = cache
        return True

    def get_timing_cache(self) -> Cache:
        return self.cache

    def add_optimization_profile(self, profile: "Profile") -> None:
        self.profiles.append(profile.shapes)


class Profile:
    def __init__(self) -> None:
        self.shapes: dict[str, Any] = {}

    def set_shape(self, name: str, *sizes: list[int]) -> None:
        self.shapes[name] = sizes


class Network:
    file = ""


class Parser:
    num_errors = 1

    def __init__(self, network: Network, logger: Any) -> None:
        self._network = network

    def parse_from_file(self, file: str) -> bool:
        self._network.file = file
        return Path(file).read_bytes() != b"no graph"

    def get_error(self, index: int) -> str:
        return f"error {index}: no graph"


class Context:
    """Runs go to the CUDA twin where there is one, which may record them."""

    def __init__(
        self, runner: Any, types: Mapping[str, type[np.generic]], plan: dict[str, Any], trouble: Trouble
    ) -> None:
        self._runner = runner
        self._types = types
        self._plan = plan
        self._trouble = trouble
        self._profile = plan["profiles"][0]
        self._shapes: dict[str, tuple[int, ...]] = {}
        self._addresses: dict[str, int] = {}

    def set_optimization_profile_async(self, index: int, stream: int) -> bool:
        self._profile = self._plan["profiles"][index]
        return True

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        self._shapes[name] = shape
        smallest, _, largest = self._profile.get(name, (shape,) * 3)
        return all(low <= size <= high for low, size, high in zip(smallest, shape, largest, strict=True))

    def set_tensor_address(self, name: str, address: int) -> bool:
        self._addresses[name] = address
        return True

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        """By running the graph, which a twin may."""
        return tuple(self._run(self._shapes, self._addresses)[name].shape)

    def execute_async_v3(self, stream: int) -> bool:
        """Shapes and addresses are those of now, whenever it is run."""
        now = dict(self._shapes), dict(self._addresses)
        if self._trouble.cuda is None:
            self._execute(*now)
        else:
            self._trouble.cuda.enqueue(lambda: self._execute(*now), stream)
        return not self._trouble.stuck

    def _execute(self, shapes: Mapping[str, tuple[int, ...]], addresses: Mapping[str, int]) -> None:
        for name, values in self._run(shapes, addresses).items():
            held = _held(addresses[name], values.shape, self._types[name])
            held[...] = values + values.dtype.type(self._trouble.drift)

    def _run(self, shapes: Mapping[str, tuple[int, ...]], addresses: Mapping[str, int]) -> dict[str, NDArray[Any]]:
        given = {name: _held(addresses[name], shape, self._types[name]) for name, shape in shapes.items()}
        names = [node.name for node in self._runner.get_outputs()]
        return dict(zip(names, self._runner.run(names, given), strict=True))


def _held(address: int, shape: tuple[int, ...], element: type[np.generic]) -> NDArray[Any]:
    """What lies at an address."""
    kind = np.dtype(element)
    memory = (ctypes.c_char * (prod(shape) * kind.itemsize)).from_address(address)
    held: NDArray[Any] = np.ndarray(shape, kind, memoryview(memory))
    return held


class Engine:
    def __init__(self, plan: dict[str, Any], trouble: Trouble) -> None:
        self._plan = plan
        self._trouble = trouble
        self._runner = runner = session(Path(plan["file"]))
        self._modes: dict[str, IOMode] = {node.name: IOMode.INPUT for node in runner.get_inputs()}
        self._modes |= {node.name: IOMode.OUTPUT for node in runner.get_outputs()}
        nodes = [*runner.get_inputs(), *runner.get_outputs()]
        self._types = {node.name: TYPES[node.type] for node in nodes}
        self._shapes = {
            node.name: tuple(-1 if isinstance(size, str) else size for size in node.shape) for node in nodes
        }
        self.num_io_tensors = len(self._modes)
        self.num_optimization_profiles = len(plan["profiles"])

    def create_execution_context(self, strategy: str = "STATIC") -> Context | None:
        return None if self._trouble.cramped else Context(self._runner, self._types, self._plan, self._trouble)

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return self._shapes[name]

    def get_tensor_profile_shape(self, name: str, profile: int) -> list[list[int]]:
        shapes: list[list[int]] = self._plan["profiles"][profile][name]
        return shapes

    def get_aliased_input_tensor(self, name: str) -> str | None:
        """As graphs with TensorScatter have it."""
        cache = name.replace("present_", "past_")
        return cache if name.startswith("present_") and not self._trouble.copied else None

    def get_tensor_name(self, index: int) -> str:
        """In an order of its own, as nobody is promised one."""
        return list(reversed(self._modes))[index]

    def get_tensor_mode(self, name: str) -> IOMode:
        return self._modes[name]

    def get_tensor_dtype(self, name: str) -> type[np.generic]:
        return self._types[name]


def twin(trouble: Trouble | None = None, version: str = "10.13.0") -> SimpleNamespace:
    """A module that stands for `tensorrt`."""
    wrong = trouble or Trouble()

    class Builder:
        def __init__(self, logger: Any) -> None:
            self._logger = logger

        def create_network(self, flags: int) -> Network:
            wrong.flags.append(flags)
            return Network()

        def create_builder_config(self) -> Configuration:
            return Configuration()

        def create_optimization_profile(self) -> Profile:
            return Profile()

        def build_serialized_network(self, network: Network, made: Configuration) -> bytes | None:
            self._logger.log(Severity.INFO, "nothing to worry about")
            if wrong.builder:
                self._logger.log(Severity.ERROR, wrong.builder)
                return None
            return json.dumps({"file": network.file, "profiles": made.profiles, "tf32": made.tf32}).encode()

    class Runtime:
        def __init__(self, logger: Any) -> None:
            self._logger = logger

        def deserialize_cuda_engine(self, plan: bytes) -> Engine | None:
            wrong.lay()
            if wrong.refused:
                self._logger.log(Severity.ERROR, "the plan is of another platform")
                return None
            return Engine(json.loads(plan), wrong)

    flags = {"STRONGLY_TYPED": 0}
    return SimpleNamespace(
        __version__=version,
        ILogger=Logger,
        Logger=SeverityLogger,
        ExecutionContextAllocationStrategy=SimpleNamespace(ON_PROFILE_CHANGE="ON_PROFILE_CHANGE"),
        Builder=Builder,
        Runtime=Runtime,
        OnnxParser=Parser,
        TensorIOMode=IOMode,
        BuilderFlag=SimpleNamespace(TF32="TF32"),
        NetworkDefinitionCreationFlag=SimpleNamespace(**({} if version.startswith("12") else flags)),
        nptype=lambda kind: kind,
    )


def installed(trt: SimpleNamespace, machine: Machine = GPU) -> Installation:
    """The twin on a GPU."""
    return Installation("tensorrt", trt, machine)
