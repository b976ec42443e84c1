"""The port to a model: what it must do for the scheduler. It keeps keys and values itself, in numbered slots."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.int64]
Logits = NDArray[np.float32]
# A vector of a text, keys and values of a cross attention, nothing: only the model knows.
Conditioning = object


class StepModel(Protocol):
    """Used by one thread. A row is one sequence in one slot; its result must not depend on the other rows.

    Tokens have one axis of `books` code books (1 for a score). A call that raised may be repeated with fewer rows: it
    writes the same places again.
    """

    @property
    def slots(self) -> int:
        """Rows that can be open at once."""
        ...

    @property
    def context(self) -> int:
        """Positions in each slot."""
        ...

    @property
    def books(self) -> int:
        """Tokens per position."""
        ...

    @property
    def vocabulary(self) -> int:
        """Tokens to choose from, in each book."""
        ...

    def open(self, slot: int, conditioning: Conditioning) -> None:
        """A new sequence begins in `slot`; what was there is forgotten."""
        ...

    def prefill(self, slot: int, tokens: Tokens, start: int) -> None:
        """Take in `tokens` [n, books] at positions from `start`."""
        ...

    def step(self, slots: NDArray[np.int64], tokens: Tokens, positions: NDArray[np.int64]) -> Logits:
        """Take in `tokens` [rows, books] at `positions` [rows]; returns logits [rows, books, vocabulary]."""
        ...

    def close(self, slot: int) -> None:
        """The sequence in `slot` is over. Never raises."""
        ...
