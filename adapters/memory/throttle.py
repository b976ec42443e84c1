"""Counting attempts within one process: the twin in tests, and the stand-in while Redis is away."""

from collections.abc import Mapping

from domain.kit.clock import Clock
from domain.kit.trust.throttle import Allowance

CAPACITY = 100_000


class MemoryThrottle:
    """The generic cell rate algorithm (ITU-T I.371): by name, the time at which all attempts are made up for."""

    def __init__(self, clock: Clock, capacity: int = CAPACITY) -> None:
        self._clock = clock
        self._capacity = capacity
        self._made_up_at: dict[str, float] = {}

    async def take(self, wanted: Mapping[str, Allowance]) -> float:
        now = self._clock.now().timestamp()
        after = {
            name: max(self._made_up_at.get(name, 0.0), now) + allowance.every_seconds
            for name, allowance in wanted.items()
        }
        wait = max(
            (after[name] - now - allowance.burst * allowance.every_seconds for name, allowance in wanted.items()),
            default=0.0,
        )
        if wait > 0:
            return wait
        self._make_room(now)
        self._made_up_at.update(after)
        return 0.0

    def __len__(self) -> int:
        """How many names are remembered."""
        return len(self._made_up_at)

    async def give_back(self, taken: Mapping[str, Allowance]) -> None:
        for name, allowance in taken.items():
            if name in self._made_up_at:
                self._made_up_at[name] -= allowance.every_seconds

    def _make_room(self, now: float) -> None:
        if len(self._made_up_at) >= self._capacity:
            self._made_up_at = {name: at for name, at in self._made_up_at.items() if at > now}
