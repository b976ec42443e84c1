"""Removing the source of an upload that has become a track. What else is left in storage is the janitor's."""

import structlog

from domain.jobs.model import JobStatus
from domain.jobs.services.follow import JobFollowing
from domain.kit.caller import Caller
from domain.uploads.services.storage import UploadStorage
from domain.uploads.store import UploadStore

log = structlog.get_logger()


class SourceClearing:
    """A source stays as long as its job could be tried again."""

    def __init__(self, store: UploadStore, storage: UploadStorage, following: JobFollowing) -> None:
        self._store = store
        self._storage = storage
        self._following = following

    async def after(self, job_id: str) -> None:
        """Called when an attempt is over, however it ended. It raises nothing: the janitor comes by in any case."""
        try:
            upload = await self._store.find_by_job(job_id)
            if upload is None:
                return
            jobs = await self._following.jobs_by_id(Caller(upload.owner_id), [job_id])
            if job_id in jobs and jobs[job_id].status is JobStatus.SUCCEEDED:
                await self._storage.let_go(upload)
        except Exception as error:
            log.warning("upload_left_behind", job_id=job_id, reason=str(error)[:200])
