"""Ends uploads that were left, and removes what any upload may still have in storage when its addresses are dead."""

from domain.jobs.services.follow import JobFollowing
from domain.kit.clock import Clock
from domain.uploads.meter import UploadMeter
from domain.uploads.model import URLS_LIVE, Upload
from domain.uploads.services.storage import UploadStorage
from domain.uploads.store import UploadStore

BATCH = 100


class UploadJanitor:
    """A source stays for a day, so that its job can be tried again; then it goes, whatever came of the job."""

    def __init__(
        self, store: UploadStore, storage: UploadStorage, following: JobFollowing, meter: UploadMeter, clock: Clock
    ) -> None:
        self._store = store
        self._storage = storage
        self._following = following
        self._meter = meter
        self._clock = clock

    async def sweep(self) -> int:
        """One round; returns how many uploads it ended or removed."""
        return await self._end_left() + await self._remove_closed()

    async def _end_left(self) -> int:
        ended = 0
        while left := await self._store.left_open(self._clock.now(), BATCH):
            for upload in left:
                if await self._store.abort(upload.id):
                    self._meter.swept()
                    ended += 1
                    await self._storage.let_go(upload)
        return ended

    async def _remove_closed(self) -> int:
        """A second time, because something may have arrived as long as there were addresses."""
        removed, last = 0, None
        before = self._clock.now() - URLS_LIVE
        while closed := await self._store.to_be_swept(before, BATCH, last):
            over = await self._following.ended([upload.job_id for upload in closed if upload.job_id is not None])
            for upload in closed:
                if upload.job_id is None or upload.job_id in over:
                    await self._remove(upload)
                    removed += 1
            last = closed[-1].id
        return removed

    async def _remove(self, upload: Upload) -> None:
        await self._storage.clear(upload)
        if upload.job_id is None:
            await self._store.remove(upload.id)
        else:
            await self._store.mark_swept(upload.id)
