"""What one process believes for a moment, so that a call need not ask the database who it is each time."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from domain.kit.clock import Clock

CAPACITY = 20_000

T = TypeVar("T")


class ShortTrust(Generic[T]):
    """Remembers a value for `lives`; what was looked up longest ago makes room first."""

    def __init__(self, clock: Clock, lives: timedelta, capacity: int = CAPACITY) -> None:
        self._clock = clock
        self._lives = lives
        self._capacity = capacity
        self._known: OrderedDict[str, tuple[T, datetime]] = OrderedDict()

    def get(self, key: str) -> T | None:
        found = self._known.get(key)
        if found is None or found[1] <= self._clock.now():
            return None
        return found[0]

    def put(self, key: str, value: T, not_after: datetime | None = None) -> None:
        until = self._clock.now() + self._lives
        self._known[key] = (value, until if not_after is None else min(until, not_after))
        self._known.move_to_end(key)
        while len(self._known) > self._capacity:
            self._known.popitem(last=False)

    def forget_where(self, fits: Callable[[T], bool]) -> None:
        """Forgets by value; for rare events, because it looks at everything."""
        self.forget([key for key, (value, _) in self._known.items() if fits(value)])

    def forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._known.pop(key, None)
