"""Removing exports when their time is up, and what broken ones have left."""

from domain.exports.model import JOB_KIND, Export
from domain.exports.store import ExportStore
from domain.jobs.model import Job, JobStatus
from domain.jobs.services.observe import AfterCommit
from domain.kit.blob_intake import BlobIntake
from domain.kit.blobs import BlobStore
from domain.kit.clock import Clock
from domain.kit.transactions import Session

BATCH = 20


class ExportObserver:
    """An export whose job ended without an archive is open no more."""

    def __init__(self, store: ExportStore) -> None:
        self._store = store

    async def on_end(self, session: Session, job: Job) -> AfterCommit | None:
        if job.kind == JOB_KIND and job.status is not JobStatus.SUCCEEDED:
            await self._store.break_off(job.id, session)
        return None


class ArchiveJanitor:
    """Objects and parts go before the record that names them, so that a round may break off anywhere."""

    def __init__(self, store: ExportStore, blobs: BlobStore, intake: BlobIntake, clock: Clock) -> None:
        self._store = store
        self._blobs = blobs
        self._intake = intake
        self._clock = clock

    async def sweep(self) -> int:
        """One round; returns how many exports it cleared away."""
        untidy, over = await self._store.untidy(BATCH), await self._store.over(self._clock.now(), BATCH)
        for export in untidy:
            await self._clear(export)
            await self._store.tidied(export.job_id)
        for export in over:
            await self._clear(export)
            await self._store.remove(export.job_id)
        return len(untidy) + len(over)

    async def _clear(self, export: Export) -> None:
        await self._intake.drop_all(export.folder)
        await self._blobs.delete_folder(export.folder)
