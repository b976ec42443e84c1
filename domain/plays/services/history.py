"""Looking back: one's own plays, and how often tracks were played."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock
from domain.kit.paging import Page, PageRequest
from domain.plays.model import HeardTrack
from domain.plays.store import PlayStore

MOST_RECENT = 500


class PlayHistory:
    """A person sees what they have listened to. Counts are asked for by tracks that the caller may see."""

    def __init__(self, store: PlayStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def page(self, caller: Caller, page: PageRequest) -> Page[HeardTrack]:
        return await self._store.page(caller.require(Scope.LIBRARY), page)

    async def by_id(self, caller: Caller, play_ids: Sequence[str]) -> Mapping[str, HeardTrack]:
        """The caller's own among these, in one query."""
        return await self._store.find(caller.require(Scope.LIBRARY), play_ids)

    async def recent(self, caller: Caller) -> Sequence[str]:
        """The tracks of the caller's last 500 plays, each once, the latest first."""
        found = await self._store.recent(caller.require(Scope.LIBRARY), MOST_RECENT)
        return list(dict.fromkeys(found))

    async def most_played(self, caller: Caller, skip: int, limit: int) -> Sequence[str]:
        """The caller's own tracks by how often anybody has played them, those of the trash included."""
        return await self._store.most_played(caller.require(Scope.LIBRARY), max(0, skip), max(1, limit))

    async def played(self, caller: Caller, least: float | None, most: float | None) -> Sequence[str]:
        """The caller's own tracks that they have played so often, both ends included, and at least once."""
        return await self._store.played(caller.require(Scope.LIBRARY), least, most)

    async def last_played(self, caller: Caller, after: datetime | None, before: datetime | None) -> Sequence[str]:
        """The caller's own tracks that they have played last in this time, its end not included."""
        return await self._store.last_played(caller.require(Scope.LIBRARY), after, before)

    async def clear(self, caller: Caller, before: datetime | None = None) -> int:
        """Nobody can tell any more what the caller had listened to by then; returns how many plays that were."""
        return await self._store.forget(caller.require(Scope.LIBRARY), before)

    async def counts(self, track_ids: Sequence[str]) -> Mapping[str, int]:
        """In one query; a track without plays is left out."""
        return await self._store.counts(track_ids)

    async def by_day(self, track_ids: Sequence[str], days: int) -> Mapping[str, Sequence[tuple[date, int]]]:
        """The last so many days, today (UTC) included, the oldest first, in one query."""
        today = self._clock.now().date()
        shown = [today - timedelta(days=ago) for ago in reversed(range(days))]
        found = await self._store.by_day(track_ids, shown[0])
        return {each: [(day, found.get(each, {}).get(day, 0)) for day in shown] for each in track_ids}
