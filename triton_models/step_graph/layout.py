"""Which of the caches' physical rows belongs to which slot, so that the rows of a step lie side by side. Pure."""

from collections.abc import Sequence


class RowLayout:
    """A permutation of the slots. Moves are exchanges of two physical rows, which the caller makes in its buffers."""

    def __init__(self, slots: int) -> None:
        self._place = list(range(slots))
        self._slot = list(range(slots))
        self._open = [False] * slots

    def open(self, slot: int) -> None:
        """The slot is given the first place that is free, next to those in use."""
        free = next(place for place, owner in enumerate(self._slot) if not self._open[owner])
        self._exchange(self._place[slot], free)
        self._open[slot] = True

    def close(self, slot: int) -> None:
        """What lies there is of no use any more."""
        self._open[slot] = False

    def place(self, slot: int) -> int:
        """The physical row of a slot."""
        return self._place[slot]

    def gather(self, slots: Sequence[int]) -> tuple[int, list[tuple[int, int]]]:
        """Where the slots begin that now lie side by side, and the exchanges (of places) that made it so, in order.

        Nothing is moved if they do already, in whatever order.
        """
        places = [self._place[slot] for slot in slots]
        first = min(places)
        if max(places) - first + 1 == len(slots):
            return first, []
        wanted = set(slots)
        strangers = [place for place in range(len(slots)) if self._slot[place] not in wanted]
        outside = sorted(place for place in places if place >= len(slots))
        moves = list(zip(strangers, outside, strict=True))
        for into, out in moves:
            self._exchange(into, out)
        return 0, moves

    def _exchange(self, one: int, other: int) -> None:
        first, second = self._slot[one], self._slot[other]
        self._slot[one], self._slot[other] = second, first
        self._place[first], self._place[second] = other, one
