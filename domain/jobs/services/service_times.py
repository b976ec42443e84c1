"""How long jobs really take here, learned from those that succeeded."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from domain.jobs.stores.jobs import JobStore
from domain.kit.clock import Clock

SAMPLES = 50
FEWEST = 5
KEEP = timedelta(seconds=20)


@dataclass(frozen=True)
class _Learned:
    ratio: float
    at: datetime


class ServiceTimes:
    """The median of measured over nominal time of a kind's latest jobs; 1 until there are a few."""

    def __init__(self, store: JobStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._learned: dict[str, _Learned] = {}

    async def ratio(self, kind: str) -> float:
        """What to multiply a nominal time by. Asked of MongoDB every 20 s at most."""
        now = self._clock.now()
        known = self._learned.get(kind)
        if known is None or now - known.at > KEEP:
            ratios = await self._store.recent_ratios(kind, SAMPLES)
            known = _Learned(median(ratios) if len(ratios) >= FEWEST else 1.0, now)
            self._learned[kind] = known
        return known.ratio
