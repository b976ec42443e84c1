"""Looking at one's own exports, and where to fetch them."""

from collections.abc import Sequence

from domain.exports.model import LINK_LIVES, NAME, Export, ExportLink
from domain.exports.store import ExportStore
from domain.kit.blobs import BlobStore
from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock


class ExportLooking:
    """A person sees their own exports; only somebody who signed in is told where they lie."""

    def __init__(self, store: ExportStore, blobs: BlobStore, clock: Clock) -> None:
        self._store = store
        self._blobs = blobs
        self._clock = clock

    async def by_job(self, caller: Caller, job_ids: Sequence[str]) -> dict[str, Export]:
        """What these jobs of the caller pack, in one query; those that were deleted are left out."""
        return await self._store.find_many(caller.require(Scope.JOBS), job_ids)

    async def link(self, caller: Caller, export: Export) -> ExportLink | None:
        """None while there is nothing to fetch, and once it is over. Raises `Forbidden` for keys."""
        caller.require_person()
        now = self._clock.now()
        if export.archive is None or export.expires_at <= now:
            return None
        url = await self._blobs.presigned_url(export.archive.key, LINK_LIVES, NAME)
        return ExportLink(url, now + LINK_LIVES)
