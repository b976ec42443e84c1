"""The CUDA runtime on the CPU: the part of cuda.bindings.runtime that is used. What is recorded is kept, not run."""

from collections.abc import Callable
from enum import IntEnum
from types import SimpleNamespace
from typing import Any

Run = Callable[[], None]
STREAM = 7


class Status(IntEnum):
    cudaSuccess = 0
    cudaErrorMemoryAllocation = 2
    cudaErrorInsufficientDriver = 35
    cudaErrorStreamCaptureInvalidated = 901


WORDS = {
    Status.cudaErrorMemoryAllocation: b"out of memory",
    Status.cudaErrorInsufficientDriver: b"CUDA driver version is insufficient for CUDA runtime version",
    Status.cudaErrorStreamCaptureInvalidated: b"operation failed due to a previous error during capture",
}


class CudaTwin:
    """One device. `launches` counts recorded runs that were run, `captures` those that were recorded.

    `graphs` counts those that nobody has destroyed. `meant` is the number of the device that was last set, and `loaded`
    has those on which TensorRT's twin loaded plans. `failing` has the calls that fail, and how.
    """

    cudaError_t = Status
    cudaStreamNonBlocking = 1
    cudaStreamCaptureMode = SimpleNamespace(cudaStreamCaptureModeThreadLocal=1)

    def __init__(self, name: str = "Twin 9000", capability: tuple[int, int] = (9, 0), *, absent: bool = False) -> None:
        self._device = SimpleNamespace(name=name.encode(), major=capability[0], minor=capability[1])
        self._absent = absent
        self._recording: list[Run] | None = None
        self.captures = 0
        self.launches = 0
        self.graphs = 0
        self.meant: int | None = None
        self.loaded: list[int | None] = []
        self.failing: dict[str, Status] = {}

    def enqueue(self, run: Run, stream: int) -> None:
        """What TensorRT does when it is told to execute."""
        assert stream == STREAM
        if self._recording is None:
            run()
        else:
            self._recording.append(run)

    def cudaGetDeviceProperties(self, number: int) -> tuple[Status, Any]:
        return (Status.cudaErrorInsufficientDriver, None) if self._absent else (Status.cudaSuccess, self._device)

    def cudaSetDevice(self, number: int) -> tuple[Status]:
        self.meant = number
        return (Status.cudaSuccess,)

    def cudaStreamCreateWithFlags(self, flags: int) -> tuple[Status, int]:
        return Status.cudaSuccess, STREAM

    def cudaStreamBeginCapture(self, stream: int, mode: int) -> tuple[Status]:
        self._recording = []
        return (Status.cudaSuccess,)

    def cudaStreamEndCapture(self, stream: int) -> tuple[Status, list[Run] | None]:
        recorded, self._recording = self._recording, None
        if status := self.failing.get("cudaStreamEndCapture"):
            return status, None
        self.graphs += 1
        return Status.cudaSuccess, recorded

    def cudaGraphInstantiate(self, graph: list[Run], flags: int) -> tuple[Status, list[Run] | None]:
        if status := self.failing.get("cudaGraphInstantiate"):
            return status, None
        self.captures += 1
        return Status.cudaSuccess, list(graph)

    def cudaGraphDestroy(self, graph: list[Run]) -> tuple[Status]:
        graph.clear()
        self.graphs -= 1
        return (Status.cudaSuccess,)

    def cudaGraphLaunch(self, recorded: list[Run], stream: int) -> tuple[Status]:
        self.launches += 1
        for run in recorded:
            run()
        return (Status.cudaSuccess,)

    def cudaStreamSynchronize(self, stream: int) -> tuple[Status]:
        return (Status.cudaSuccess,)

    def cudaGetErrorString(self, status: Status) -> tuple[Status, bytes]:
        return Status.cudaSuccess, WORDS[status]
