"""Removing renditions that will never be complete: their job ended while nobody could clean up behind it."""

from datetime import timedelta

from domain.jobs.services.follow import JobFollowing
from domain.kit.blobs import BlobStore
from domain.kit.clock import Clock
from domain.playback.store import RenditionStore

AGE = timedelta(seconds=60)
BATCH = 100


class RenditionJanitor:
    """Objects first, then the record that names them, so that a crash in between loses no track of them."""

    def __init__(self, store: RenditionStore, following: JobFollowing, blobs: BlobStore, clock: Clock) -> None:
        self._store = store
        self._following = following
        self._blobs = blobs
        self._clock = clock

    async def sweep(self) -> int:
        """One round; returns how many it removed."""
        unfinished = await self._store.unfinished(self._clock.now() - AGE, BATCH)
        ended = await self._following.ended([rendition.job_id for rendition in unfinished])
        litter = [rendition for rendition in unfinished if rendition.job_id in ended]
        for rendition in litter:
            await self._blobs.delete_folder(rendition.prefix)
            await self._store.discard(rendition.track_id, rendition.attempt)
        return len(litter)
