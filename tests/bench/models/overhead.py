"""What the scheduler itself adds to a step: a model that answers at once, so all that is left is its own time."""

import statistics
import time

import numpy as np
from numpy.typing import NDArray

from tests.bench.models.subject import CONTEXT, LIMITS, SAMPLING, SLOTS, VOCABULARY
from triton_models.generation_core.model import Conditioning, Logits, Tokens
from triton_models.generation_core.request import Request, Row
from triton_models.generation_core.scheduler import Scheduler

STEPS = 400


class InstantModel:
    """The same peaked logits for everyone."""

    slots, context, books, vocabulary = SLOTS, CONTEXT, 1, VOCABULARY

    def __init__(self) -> None:
        self._logits = np.random.default_rng(0).normal(0.0, 3.0, (SLOTS, 1, VOCABULARY)).astype(np.float32)

    def open(self, slot: int, conditioning: Conditioning) -> None:
        """Nothing to do."""

    def prefill(self, slot: int, tokens: Tokens, start: int) -> None:
        """Nothing to do."""

    def step(self, slots: NDArray[np.int64], tokens: Tokens, positions: NDArray[np.int64]) -> Logits:
        return self._logits[: len(slots)]

    def close(self, slot: int) -> None:
        """Nothing to do."""


def step_microseconds(rows: int) -> float:
    """Median of a step in which nothing joins or leaves."""
    scheduler = Scheduler(InstantModel(), LIMITS)
    for number in range(rows):
        row = Row(np.zeros((1, 1), np.int64))
        scheduler.submit(Request(str(number), row, STEPS + 10, seed=number, sampling=SAMPLING))
    times = []
    for _ in range(STEPS):
        began = time.perf_counter()
        scheduler.step()
        times.append(time.perf_counter() - began)
    return 1e6 * statistics.median(times[5:])
