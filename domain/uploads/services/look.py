"""Reading one's own uploads, and where to send what has not arrived."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.kit.blob_intake import BlobIntake
from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock
from domain.kit.errors import NotFound
from domain.uploads.model import URLS_LIVE, MissingPart, Part, Upload, UploadStatus
from domain.uploads.services.storage import UploadStorage
from domain.uploads.store import UploadStore

# Storage counts the life of an address in whole seconds.
SHORTEST = timedelta(seconds=1)


class UploadLooking:
    """A person sees their own uploads. What does not exist and what belongs to others is the same `NotFound`."""

    def __init__(self, store: UploadStore, intake: BlobIntake, storage: UploadStorage, clock: Clock) -> None:
        self._store = store
        self._intake = intake
        self._storage = storage
        self._clock = clock

    async def get(self, caller: Caller, upload_id: str) -> Upload:
        upload = await self._store.find_owned(caller.require(Scope.UPLOAD), upload_id)
        if upload is None:
            raise NotFound("upload", upload_id)
        return upload

    async def by_id(self, caller: Caller, upload_ids: Sequence[str]) -> dict[str, Upload]:
        """The caller's uploads among these ids, in one query."""
        return await self._store.find_many_owned(caller.require(Scope.UPLOAD), upload_ids)

    async def by_job(self, caller: Caller, job_ids: Sequence[str]) -> dict[str, Upload]:
        """What these jobs of the caller process, in one query."""
        return await self._store.find_by_jobs(caller.require(Scope.JOBS, Scope.UPLOAD), job_ids)

    async def missing_parts(self, caller: Caller, upload: Upload) -> Sequence[MissingPart]:
        """What is still to be sent, with fresh addresses; nothing of an upload that is closed.

        Raises `DependencyUnavailable`.
        """
        caller.require(Scope.UPLOAD)
        now = self._clock.now()
        if upload.status is not UploadStatus.OPEN or upload.expires_at <= now:
            return ()
        expires_at = min(now + URLS_LIVE, upload.expires_at)
        return [
            MissingPart(part, await self._url(upload, part, expires_at), expires_at)
            for part in await self._storage.missing(upload)
        ]

    async def _url(self, upload: Upload, part: Part, expires_at: datetime) -> str:
        lives = max(SHORTEST, expires_at - self._clock.now())
        if upload.gathering is None:
            return await self._intake.put_url(upload.key, part.size_bytes, lives)
        return await self._intake.part_url(upload.key, upload.gathering, part.number, part.size_bytes, lives)
