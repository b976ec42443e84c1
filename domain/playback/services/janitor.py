"""Removing renditions that will never be complete: their job ended while nobody could clean up behind it."""

from datetime import timedelta

from domain.jobs.services.follow import JobFollowing
from domain.kit.clock import Clock
from domain.playback.services.playback import PlaybackService
from domain.playback.store import RenditionStore

AGE = timedelta(seconds=60)
BATCH = 100


class RenditionJanitor:
    """Looks at every unfinished rendition; those whose job goes on stay."""

    def __init__(self, store: RenditionStore, following: JobFollowing, playback: PlaybackService, clock: Clock) -> None:
        self._store = store
        self._following = following
        self._playback = playback
        self._clock = clock

    async def sweep(self) -> int:
        """One round; returns how many it removed."""
        await self._store.rekey()
        removed, last = 0, None
        before = self._clock.now() - AGE
        while unfinished := await self._store.unfinished(before, BATCH, last):
            ended = await self._following.ended([rendition.job_id for rendition in unfinished])
            for rendition in unfinished:
                if rendition.job_id in ended:
                    removed += await self._playback.take_back(rendition)
            last = unfinished[-1].version_id
        return removed
