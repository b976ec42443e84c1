"""Memory that a step graph reads and writes, a row of it for each slot; rows that step together lie side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from triton_models.step_graph.layout import RowLayout
from triton_models.step_graph.sessions import PAST

Buffers = Mapping[str, NDArray[np.generic]]
PRESENT = "present_"


class SlotRows:
    """`caches` [slots, heads, positions, head] are written in place and filled from the front; `fixed` [slots, ...] are
    what a sequence is conditioned on. All by the names of the graph's inputs.
    """

    def __init__(self, slots: int, caches: Buffers, fixed: Buffers) -> None:
        self.caches = dict(caches)
        self.fixed = dict(fixed)
        self._layout = RowLayout(slots)
        self._used = np.zeros(slots, np.int64)
        self._bound: tuple[int, int] | None = None

    def open(self, slot: int) -> int:
        """The physical row that the slot now has; nothing of what lies there counts."""
        self._layout.open(slot)
        place = self._layout.place(slot)
        self._used[place] = 0
        return place

    def close(self, slot: int) -> None:
        """What lies there is of no use any more."""
        self._used[self._layout.place(slot)] = 0
        self._layout.close(slot)

    def gather(self, slots: Sequence[int]) -> tuple[int, NDArray[np.int64]]:
        """The first of the rows, side by side, that these slots have, and the place of each slot behind it."""
        first, moves = self._layout.gather(slots)
        for into, out in moves:
            self._exchange(into, out)
        return first, np.array([self._layout.place(slot) for slot in slots], np.int64) - first

    def bind(self, binding: onnxruntime.IOBinding, first: int, rows: int) -> None:
        """Input and output of a cache are the same memory. Done when the rows are others, as binding takes a while."""
        if self._bound == (first, rows):
            return
        for name, buffer in (self.caches | self.fixed).items():
            part = buffer[first : first + rows]
            place = ("cpu", 0, buffer.dtype.type, part.shape, part.ctypes.data)
            binding.bind_input(name, *place)
            if name in self.caches:
                binding.bind_output(name.replace(PAST, PRESENT), *place)
        self._bound = (first, rows)

    def fill(self, first: int, taken: NDArray[Any]) -> None:
        """So many positions of these rows are filled now."""
        self._used[first : first + len(taken)] = taken

    def _exchange(self, one: int, other: int) -> None:
        """Swap two rows, caches as far as they are filled; a free row needs no copy."""
        ends = self._used[[one, other]].tolist()
        for cache in self.caches.values():
            kept = cache[one, :, : ends[0]].copy()
            cache[one, :, : ends[1]] = cache[other, :, : ends[1]]
            cache[other, :, : ends[0]] = kept
        for buffer in self.fixed.values():
            buffer[[one, other]] = buffer[[other, one]]
        self._used[[one, other]] = self._used[[other, one]]
