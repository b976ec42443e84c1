"""A model whose logits are a function of all that its row has taken in, and that notices any misuse of its slots."""

from collections.abc import Callable
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from triton_models.generation_core.model import Conditioning, Logits, Tokens


class ToyFailure(RuntimeError):
    """The model was told to fail."""


class ToyModel:
    """`slots` rows of `context` positions. `fails` is asked before each row of a step and may raise or spoil it."""

    def __init__(self, slots: int = 4, context: int = 64, books: int = 1, vocabulary: int = 24) -> None:
        self.slots = slots
        self.context = context
        self.books = books
        self.vocabulary = vocabulary
        self.rows: dict[int, list[bytes]] = {}
        self.conditions: dict[int, Conditioning] = {}
        self.calls: list[str] = []
        self.widest_step = 0
        self.before_row: Callable[[int], None] = lambda slot: None
        self.before_step: Callable[[], None] = lambda: None
        self.spoiled: set[int] = set()

    def open(self, slot: int, conditioning: Conditioning) -> None:
        assert slot not in self.rows, f"slot {slot} is open already"
        assert 0 <= slot < self.slots
        if isinstance(conditioning, ToyFailure):
            self.rows[slot] = []
            raise conditioning
        self.rows[slot] = []
        self.conditions[slot] = conditioning

    def prefill(self, slot: int, tokens: Tokens, start: int) -> None:
        self.before_row(slot)
        self.calls.append(f"prefill {len(tokens)}")
        for offset, place in enumerate(tokens):
            self._take(slot, place, start + offset)

    def step(self, slots: NDArray[np.int64], tokens: Tokens, positions: NDArray[np.int64]) -> Logits:
        self.before_step()
        assert len(set(slots.tolist())) == len(slots), "a slot twice in one step"
        self.calls.append(f"step {len(slots)}")
        self.widest_step = max(self.widest_step, len(slots))
        logits = []
        for slot, place, position in zip(slots.tolist(), tokens, positions.tolist(), strict=True):
            self.before_row(slot)
            self._take(slot, place, position)
            logits.append(self._logits(slot))
        return np.stack(logits)

    def close(self, slot: int) -> None:
        del self.rows[slot]

    def _take(self, slot: int, place: NDArray[np.int64], position: int) -> None:
        row = self.rows[slot]
        assert position <= len(row), f"slot {slot} has {len(row)} positions and is given position {position}"
        assert position < self.context
        row[position:] = [place.tobytes()]

    def _logits(self, slot: int) -> Logits:
        if slot in self.spoiled:
            return np.full((self.books, self.vocabulary), np.nan, dtype=np.float32)
        seed = crc32(b"".join(self.rows[slot]) + repr(self.conditions.get(slot)).encode())
        return np.random.default_rng(seed).normal(0.0, 2.0, (self.books, self.vocabulary)).astype(np.float32)
