"""Answers that are given again without being made again, as long as nothing of their owner's has changed.

A field of the root whose metadata has `REMEMBERED` promises two things: that all it reads is its caller's own, and that
each write to it is noted (`domain.kit.changes`). An operation is remembered when all its fields at the root promise
that, and everything below is made of the objects they give alone.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from prometheus_client import Counter, Gauge

REMEMBERED = "remembered"
# An answer is told for so long at most, for the case that its change was never told.
MOST_SECONDS = 10.0
# In bytes.
LONGEST_ANSWER = 256 * 1024
MOST_ANSWERS = 50
MOST_OWNERS = 10_000

ASKED = Counter("cadenza_graphql_remembered_total", "Operations that may be remembered, by whether they were.", ["was"])
SIZE = Gauge("cadenza_graphql_remembered_bytes", "JSON of remembered answers.")


class Shelf:
    """One owner's answers, each with the time until which it is told."""

    def __init__(self, owner_id: str, now: Callable[[], float]) -> None:
        self.owner_id = owner_id
        self.size = 0
        self._now = now
        self._answers: OrderedDict[Hashable, tuple[bytes, float]] = OrderedDict()

    def find(self, key: Hashable) -> bytes | None:
        answer, until = self._answers.get(key, (None, 0.0))
        is_known = answer is not None and self._now() < until
        ASKED.labels("yes" if is_known else "no").inc()
        return answer if is_known else None

    def put(self, key: Hashable, answer: bytes) -> None:
        before, _ = self._answers.pop(key, (b"", 0.0))
        self._answers[key] = answer, self._now() + MOST_SECONDS
        self.size += len(answer) - len(before)
        if len(self._answers) > MOST_ANSWERS:
            _, (oldest, _) = self._answers.popitem(last=False)
            self.size -= len(oldest)


class RememberedAnswers:
    """Of one process. Remembers nothing while it does not hear of changes, or when it may take no memory."""

    def __init__(self, most_bytes: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most_bytes = most_bytes
        self._now = now
        self._shelves: OrderedDict[str, Shelf] = OrderedDict()
        self._size = 0
        self._hears = False

    def shelf(self, owner_id: str) -> Shelf | None:
        """To be taken before anything is read: a change meanwhile clears it away. None when nothing is remembered."""
        if not self._hears:
            return None
        shelf = self._shelves.get(owner_id)
        if shelf is None:
            shelf = self._shelves[owner_id] = Shelf(owner_id, self._now)
            self._bound()
        self._shelves.move_to_end(owner_id)
        return shelf

    def keep(self, shelf: Shelf, key: Hashable, answer: bytes) -> None:
        """Does nothing for a shelf that was cleared away, and for what is too long."""
        if self._shelves.get(shelf.owner_id) is not shelf or len(answer) > LONGEST_ANSWER:
            return
        before = shelf.size
        shelf.put(key, answer)
        self._resize(shelf.size - before)
        self._bound()

    def hearing(self) -> None:
        self._hears = self._most_bytes > 0

    def changed(self, owner_id: str) -> None:
        if (shelf := self._shelves.pop(owner_id, None)) is not None:
            self._resize(-shelf.size)

    def deaf(self) -> None:
        self._hears = False
        self._shelves.clear()
        self._resize(-self._size)

    def _bound(self) -> None:
        """Those who have not asked for the longest go first."""
        while len(self._shelves) > MOST_OWNERS or self._size > self._most_bytes:
            self.changed(next(iter(self._shelves)))

    def _resize(self, by: int) -> None:
        self._size += by
        SIZE.set(self._size)
