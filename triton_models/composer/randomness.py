"""Independent, reproducible random streams: each musical decision draws from one named after it."""

from collections.abc import Sequence
from typing import TypeVar
from zlib import crc32

import numpy as np

Choice = TypeVar("Choice")


def stream(seed: int, *labels: str) -> np.random.Generator:
    """A generator that depends on the seed and the labels only, never on draws made elsewhere."""
    return np.random.default_rng([seed, *(crc32(label.encode()) for label in labels)])


def pick(rng: np.random.Generator, options: Sequence[Choice]) -> Choice:
    """One of `options`, all equally likely."""
    return options[int(rng.integers(len(options)))]


def pick_weighted(rng: np.random.Generator, options: Sequence[Choice], weights: Sequence[float]) -> Choice:
    """One of `options` with probability in proportion to its weight."""
    edges = np.cumsum(weights)
    return options[min(int(np.searchsorted(edges, rng.random() * edges[-1], side="right")), len(options) - 1)]
