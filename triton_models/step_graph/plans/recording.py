"""One stream of a CUDA device, and runs that are recorded on it as CUDA graphs."""

from collections.abc import Callable
from typing import Any


class CudaError(RuntimeError):
    """The CUDA runtime refused a call; the text is its own."""


class Stream:
    """`cuda` is the module cuda.bindings.runtime. Used by any thread, by one at a time."""

    def __init__(self, cuda: Any, device: int) -> None:
        self._cuda = cuda
        self._device = device
        self.enter()
        # Copies of others, on the default stream, must not disturb a recording; onnxruntime waits for its own.
        self._stream = checked(cuda, cuda.cudaStreamCreateWithFlags(cuda.cudaStreamNonBlocking))

    @property
    def handle(self) -> int:
        """As TensorRT takes it."""
        return int(self._stream)

    def enter(self) -> None:
        """The calling thread means this device."""
        checked(self._cuda, self._cuda.cudaSetDevice(self._device))

    def record(self, enqueue: Callable[[], None]) -> Any:
        """What `enqueue` puts on the stream, which is not run; it must have run once before.

        Raises CudaError, or what `enqueue` raises.
        """
        cuda = self._cuda
        mode = cuda.cudaStreamCaptureMode.cudaStreamCaptureModeThreadLocal
        checked(cuda, cuda.cudaStreamBeginCapture(self._stream, mode))
        try:
            enqueue()
        except BaseException:
            self._abandon()
            raise
        graph = checked(cuda, cuda.cudaStreamEndCapture(self._stream))
        try:
            return checked(cuda, cuda.cudaGraphInstantiate(graph, 0))
        finally:
            cuda.cudaGraphDestroy(graph)

    def _abandon(self) -> None:
        """End a recording that failed. Unchecked: CUDA only knows that it failed, whoever recorded knows why."""
        status, graph = self._cuda.cudaStreamEndCapture(self._stream)
        if status == self._cuda.cudaError_t.cudaSuccess:
            self._cuda.cudaGraphDestroy(graph)

    def launch(self, recorded: Any) -> None:
        """Put a recorded run on the stream."""
        checked(self._cuda, self._cuda.cudaGraphLaunch(recorded, self._stream))

    def wait(self) -> None:
        """Until all of the stream has run."""
        checked(self._cuda, self._cuda.cudaStreamSynchronize(self._stream))


def checked(cuda: Any, answer: tuple[Any, ...]) -> Any:
    """What a call gave, if anything; raises CudaError."""
    status, *given = answer
    if status != cuda.cudaError_t.cudaSuccess:
        raise CudaError(f"CUDA: {cuda.cudaGetErrorString(status)[1].decode()}")
    return given[0] if given else None
