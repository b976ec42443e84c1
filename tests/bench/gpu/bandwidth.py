"""How fast a device moves memory, and how long a step of the decoder must take for what it reads alone."""

import time
from dataclasses import dataclass
from pathlib import Path

import torch

ROUNDS = 10


def measured(device: str, count: int) -> float:
    """Bytes a second of a copy of so many bytes, which are read and written; the best of some rounds."""
    source = torch.ones(count, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    best = float("inf")
    for _ in range(ROUNDS):
        settle(device)
        began = time.perf_counter()
        target.copy_(source)
        settle(device)
        best = min(best, time.perf_counter() - began)
    return 2 * count / best


def settle(device: str) -> None:
    """Wait for what was asked of the device."""
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)


@dataclass(frozen=True)
class Floor:
    """`weights` are bytes of the step's weights, `position` and `word` of what a row keeps of each of them.

    All of it has to be read in each step: no runtime is faster than that.
    """

    weights: int
    position: int
    word: int

    def seconds(self, rows: int, positions: int, words: int, bandwidth: float) -> float:
        """Of a step of `rows` behind so many positions, every second row with a text."""
        kept = rows * positions * self.position + rows // 2 * words * self.word
        return (self.weights + kept) / bandwidth


def floor_of(step: Path, layers: int, hidden: int, element: int) -> Floor:
    """Of a step graph whose weights lie beside it, with keys and values of `element` bytes a number."""
    kept = 2 * layers * hidden * element
    return Floor(step.with_suffix(".weights").stat().st_size, kept, kept)
