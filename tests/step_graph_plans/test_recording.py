"""Runs that are recorded: what failed is told in the words of who knows, and nothing is left on the device."""

import pytest

from tests.tensorrt.cuda_twin import STREAM, CudaTwin, Status
from triton_models.step_graph.plans.recording import CudaError, Stream
from triton_models.step_graph.sessions import StepGraphError

SENTENCE = "TensorRT cannot run the plan of x: its log says why"


def refused() -> None:
    raise StepGraphError(SENTENCE)


@pytest.mark.parametrize("failing", [{}, {"cudaStreamEndCapture": Status.cudaErrorStreamCaptureInvalidated}])
def test_why_nothing_was_recorded_is_told_whatever_cuda_says_then(failing: dict[str, Status]) -> None:
    cuda = CudaTwin()
    stream = Stream(cuda, 0)
    cuda.failing = failing

    with pytest.raises(StepGraphError, match=f"^{SENTENCE}$"):
        stream.record(refused)

    # The recording is over, and the next one is as if nothing had been
    assert cuda.graphs == 0
    cuda.failing = {}
    heard: list[str] = []
    recorded = stream.record(lambda: cuda.enqueue(lambda: heard.append("run"), STREAM))
    stream.launch(recorded)
    assert (heard, cuda.graphs) == (["run"], 0)


@pytest.mark.parametrize(
    ("call", "status", "sentence"),
    [
        (
            "cudaStreamEndCapture",
            Status.cudaErrorStreamCaptureInvalidated,
            "CUDA: operation failed due to a previous error during capture",
        ),
        ("cudaGraphInstantiate", Status.cudaErrorMemoryAllocation, "CUDA: out of memory"),
    ],
)
def test_what_cuda_refuses_leaves_no_graph(call: str, status: Status, sentence: str) -> None:
    cuda = CudaTwin()
    stream = Stream(cuda, 0)
    cuda.failing = {call: status}

    with pytest.raises(CudaError, match=f"^{sentence}$"):
        stream.record(lambda: None)

    assert (cuda.graphs, cuda.captures) == (0, 0)
