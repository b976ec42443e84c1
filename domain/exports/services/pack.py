"""Packing all that is known of a person into one archive. Runs in a worker under a lease."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta

import structlog

from domain.accounts.letters import LetterWriter
from domain.accounts.services.directory import AccountDirectory
from domain.exports.archive import ArchiveWriter
from domain.exports.errors import ExportUnderWay
from domain.exports.model import KEPT, LINK_LIVES, NAME, Archive, Export
from domain.exports.services.bring import ArchiveBringer
from domain.exports.store import ExportStore
from domain.jobs.errors import JobYields
from domain.jobs.model import JobStage, Lease
from domain.jobs.services.run import JobRunning
from domain.kit.blob_intake import BlobIntake
from domain.kit.blobs import BlobStore
from domain.kit.clock import Clock
from domain.kit.concurrency import to_the_end
from domain.kit.errors import NotFound
from domain.kit.personal_data import PersonalFile, PersonalRecords
from domain.kit.transactions import DuplicateKey, Session
from domain.mail.service import MailOutbox

log = structlog.get_logger()

REPORT_EVERY = timedelta(seconds=1)
# How long one waits that finds this process packing another.
PAUSE = timedelta(seconds=5)


class ExportPacking:
    """Files go from storage through here into storage piece by piece, however many there are.

    A process packs one at a time, so that songs find a hand. An attempt begins anew and forgets what another gathered.
    """

    def __init__(
        self,
        store: ExportStore,
        records: PersonalRecords,
        directory: AccountDirectory,
        letters: LetterWriter,
        outbox: MailOutbox,
        blobs: BlobStore,
        intake: BlobIntake,
        running: JobRunning,
        clock: Clock,
    ) -> None:
        self._store = store
        self._records = records
        self._directory = directory
        self._letters = letters
        self._outbox = outbox
        self._blobs = blobs
        self._intake = intake
        self._running = running
        self._clock = clock
        self._place = asyncio.Lock()

    async def run(self, lease: Lease) -> None:
        """Raises what the job runner sorts: `JobCanceled`, `LeaseLost`, `JobYields` and `ExportUnderWay`."""
        export = await self._store.find(lease.job_id)
        if export is None:
            raise LookupError(f"the job {lease.job_id} has no export")
        if self._place.locked():
            raise JobYields(PAUSE)
        async with self._place:
            await self._open(lease)
            await self._running.enter(lease, JobStage.PACKING, 0.0)
            await self._intake.drop_all(export.folder)
            archive = await self._brought(lease, export)
            await self._finish(lease, export, archive)

    async def _open(self, lease: Lease) -> None:
        """Under the lease, so that nobody opens one whose job has ended."""

        async def work(session: Session) -> None:
            await self._store.open(lease.job_id, session)

        try:
            await self._running.under(lease, work)
        except DuplicateKey as error:
            raise ExportUnderWay() from error

    async def _brought(self, lease: Lease, export: Export) -> Archive:
        key = f"{export.folder}/{lease.attempt}/{NAME}"
        gathering = await self._intake.begin_parts(key)
        bringer = ArchiveBringer(self._intake, key, gathering)
        try:
            await self._pack(lease, export, bringer)
            return Archive(key, await bringer.finish())
        except BaseException:
            await to_the_end(self._intake.drop_parts(key, gathering))
            raise

    async def _pack(self, lease: Lease, export: Export, bringer: ArchiveBringer) -> None:
        writer = ArchiveWriter(self._clock.now())
        for area, fields in (await self._records.export(export.owner_id, LINK_LIVES)).items():
            if fields:
                await asyncio.to_thread(writer.put_json, f"{area}.json", fields)
                await bringer.bring(writer)
        await self._put_files(lease, await self._records.files(export.owner_id), writer, bringer)
        await asyncio.to_thread(writer.close)
        await bringer.bring(writer, is_all=True)

    async def _put_files(
        self, lease: Lease, files: Sequence[PersonalFile], writer: ArchiveWriter, bringer: ArchiveBringer
    ) -> None:
        reported, done, total = self._clock.now(), 0, 1 + sum(file.size_bytes for file in files)
        for file in files:
            await self._put_file(file, writer, bringer)
            done += file.size_bytes
            if self._clock.now() - reported >= REPORT_EVERY:
                await self._running.report(lease, round(done / total, 4))
                reported = self._clock.now()

    async def _put_file(self, file: PersonalFile, writer: ArchiveWriter, bringer: ArchiveBringer) -> None:
        """What was deleted since it was listed is told as missing."""
        if file.key is None:
            await self._put_text(file, writer, bringer)
            return
        pieces = self._blobs.stream(file.key, 0)
        try:
            first = await _first_of(pieces)
        except NotFound:
            writer.leave_out(file.path)
            return
        target = writer.open(file.path)
        target.write(first)
        async for piece in pieces:
            target.write(piece)
            await bringer.bring(writer)
        target.close()
        await bringer.bring(writer)

    async def _put_text(self, file: PersonalFile, writer: ArchiveWriter, bringer: ArchiveBringer) -> None:
        text = file.text if file.write is None else await file.write()
        if text is None:
            writer.leave_out(file.path)
        else:
            await asyncio.to_thread(writer.put_text, file.path, text)
            await bringer.bring(writer)

    async def _finish(self, lease: Lease, export: Export, archive: Archive) -> None:
        expires_at = self._clock.now() + KEPT
        account = (await self._directory.by_ids([export.owner_id])).get(export.owner_id)
        mails: list[str | None] = []

        async def effects(session: Session) -> None:
            await self._store.finish(export.job_id, archive, expires_at, session)
            if account is not None:
                letter = self._letters.export_ready(account.email, expires_at)
                mails[:] = [await self._outbox.post(export.owner_id, letter, session)]

        await self._running.succeed(lease, effects)
        self._outbox.send_soon(*mails)
        log.info("export_packed", size_bytes=archive.size_bytes)


async def _first_of(pieces: AsyncGenerator[bytes, None]) -> bytes:
    """Nothing of an empty object; raises `NotFound`."""
    async for piece in pieces:
        return piece
    return b""
