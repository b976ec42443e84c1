"""The scheduler in a thread of its own: streams, cancelling, refusing and shutting down from other threads."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.generation_core.requests import alone, request
from tests.generation_core.toy_model import ToyFailure, ToyModel
from triton_models.generation_core.errors import (
    DeadlineExceededError,
    GenerationError,
    ModelFaultError,
    QueueFullError,
    RequestCancelledError,
    RequestInvalidError,
    RequestTooLargeError,
    SchedulerClosedError,
)
from triton_models.generation_core.events import Outcome
from triton_models.generation_core.model import Logits, Tokens
from triton_models.generation_core.request import Boundaries
from triton_models.generation_core.runner import Runner
from triton_models.generation_core.scheduler import Limits, Scheduler

PATIENCE = 20.0
ENDLESS = 10_000


class SlowModel(ToyModel):
    """Each step takes as long as a step of a real model, or waits at `gate` if that is shut."""

    def __init__(self) -> None:
        super().__init__(slots=4, context=20_000)
        self.gate = threading.Event()
        self.gate.set()
        self.stepped = threading.Event()

    def step(self, slots: NDArray[np.int64], tokens: Tokens, positions: NDArray[np.int64]) -> Logits:
        self.stepped.set()
        assert self.gate.wait(PATIENCE)
        return super().step(slots, tokens, positions)

    def _logits(self, slot: int) -> Logits:
        del self.rows[slot][:-8]
        self.rows[slot][:0] = [b""] * (self.context - 8)
        return np.zeros((1, self.vocabulary), dtype=np.float32)

    def _take(self, slot: int, place: NDArray[np.int64], position: int) -> None:
        """Only the latest positions matter to an endless request."""
        self.rows[slot].append(place.tobytes())


@pytest.fixture
def model() -> SlowModel:
    return SlowModel()


@pytest.fixture
def runner(model: SlowModel) -> Iterator[Runner]:
    made = Runner(Scheduler(model, Limits(most_waiting=2)), "test-runner")
    yield made
    model.gate.set()
    made.close()


def test_a_stream_gives_chunks_and_ends() -> None:
    runner = Runner(Scheduler(ToyModel()), "test-runner")
    try:
        stream = runner.submit(replace(request("a", length=10), boundaries=Boundaries(every=4)))
        chunks = list(stream)
    finally:
        runner.close()
    assert [chunk.start for chunk in chunks] == [0, 4, 8]
    assert np.concatenate([chunk.tokens for chunk in chunks]).tolist() == alone(request("a", length=10))
    assert stream.outcome is Outcome.LENGTH


def test_many_threads_get_what_they_would_get_alone() -> None:
    runner = Runner(Scheduler(ToyModel(), Limits(most_waiting=100)), "test-runner")

    def made(number: int) -> list[list[int]]:
        stream = runner.submit(request(str(number), 1, number, length=12, seed=number))
        return [place for chunk in stream for place in chunk.tokens.tolist()]

    try:
        with ThreadPoolExecutor(12) as pool:
            results = list(pool.map(made, range(24)))
    finally:
        runner.close()
    assert results == [alone(request(str(number), 1, number, length=12, seed=number)) for number in range(24)]


def test_a_cancelled_request_ends_after_the_step_that_runs(runner: Runner, model: SlowModel) -> None:
    stream = runner.submit(request("a", length=ENDLESS))
    assert model.stepped.wait(PATIENCE)
    asked = time.monotonic()
    stream.cancel()
    with pytest.raises(RequestCancelledError):
        list(stream)
    # Far below what is promised of a real model, whose steps take milliseconds.
    assert time.monotonic() - asked < PATIENCE
    assert stream.outcome is Outcome.CANCELLED
    stream.cancel()
    assert model.rows == {}


def test_cancelling_waits_for_one_step_only(runner: Runner, model: SlowModel) -> None:
    model.gate.clear()
    stream = runner.submit(replace(request("a", 1, length=ENDLESS), boundaries=Boundaries(every=1)))
    assert model.stepped.wait(PATIENCE)
    stream.cancel()
    model.gate.set()
    events = []
    while stream.outcome is None:
        events.append(stream.next(PATIENCE))
    assert len(events) <= 2


def test_a_full_queue_refuses_in_the_callers_thread(runner: Runner, model: SlowModel) -> None:
    model.gate.clear()
    running = [runner.submit(request(f"runs {number}", length=ENDLESS)) for number in range(4)]
    assert model.stepped.wait(PATIENCE)
    accepted, refused = [], 0
    for number in range(7):
        try:
            accepted.append(runner.submit(request(f"waits {number}", length=2)))
        except QueueFullError:
            refused += 1
    assert (len(accepted), refused) == (2, 5)
    for stream in running:
        stream.cancel()
    model.gate.set()
    for stream in accepted:
        assert sum(len(chunk.tokens) for chunk in stream) == 2
    assert runner.snapshot().refused == refused


def test_wrong_requests_are_refused_in_the_callers_thread(runner: Runner) -> None:
    with pytest.raises(RequestTooLargeError):
        runner.submit(request("a", length=30_000))
    stream = runner.submit(request("a", length=ENDLESS))
    with pytest.raises(RequestInvalidError):
        runner.submit(request("a"))
    stream.cancel()


def test_a_deadline_ends_the_stream(runner: Runner) -> None:
    stream = runner.submit(replace(request("a", length=ENDLESS), deadline=time.monotonic()))
    with pytest.raises(DeadlineExceededError):
        list(stream)


def test_the_thread_outlives_a_fault_of_the_model(runner: Runner, model: SlowModel) -> None:
    def fail(slot: int) -> None:
        raise ToyFailure("told to")

    model.before_row = fail
    with pytest.raises(ModelFaultError, match="told to"):
        list(runner.submit(request("a")))
    model.before_row = lambda slot: None
    assert sum(len(chunk.tokens) for chunk in runner.submit(request("b", length=3))) == 3


class BrokenScheduler(Scheduler):
    """A bug in the scheduler itself, once."""

    broken = True

    def _admit(self) -> None:
        if self.broken:
            self.broken = False
            raise AssertionError("a bug")
        super()._admit()


def test_the_thread_outlives_a_bug_of_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    runner = Runner(BrokenScheduler(ToyModel()), "test-runner")
    try:
        with pytest.raises(GenerationError, match="a bug"):
            list(runner.submit(request("a")))
        assert sum(len(chunk.tokens) for chunk in runner.submit(request("b", length=3))) == 3
    finally:
        runner.close()
    assert "AssertionError: a bug" in capfd.readouterr().err


def test_closing_ends_every_stream(model: SlowModel) -> None:
    runner = Runner(Scheduler(model, Limits(most_waiting=50)), "test-runner")
    streams = [runner.submit(request(str(number), length=ENDLESS)) for number in range(8)]
    assert model.stepped.wait(PATIENCE)
    runner.close()
    for stream in streams:
        with pytest.raises(SchedulerClosedError):
            list(stream)
    with pytest.raises(SchedulerClosedError):
        runner.submit(request("late"))
    assert model.rows == {}
