"""Closing an upload: with a job once all of it has arrived, or for good."""

from collections.abc import Mapping, Sequence

from domain.credits.services.wallets import CreditWallets
from domain.jobs.model import Job, NewJob, Share
from domain.jobs.services.accept import JobAcceptance
from domain.jobs.services.follow import JobFollowing
from domain.kit.blob_intake import BlobIntake, ReceivedPart
from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock
from domain.kit.errors import Issue, NotFound, ValidationFailed
from domain.kit.ids import new_id
from domain.kit.transactions import Session
from domain.uploads.errors import UploadClosed, UploadIncomplete
from domain.uploads.model import (
    JOB_KIND,
    Upload,
    UploadStatus,
    deadline_seconds,
    nominal_seconds,
    stage_limits,
    title_issues,
)
from domain.uploads.services.storage import UploadStorage
from domain.uploads.store import UploadStore


class _ClosedMeanwhile(Exception):
    """Another call has closed the upload first."""


class UploadCompletion:
    """An upload is closed once; completing it again gives its job again."""

    def __init__(
        self,
        store: UploadStore,
        intake: BlobIntake,
        storage: UploadStorage,
        acceptance: JobAcceptance,
        following: JobFollowing,
        wallets: CreditWallets,
        clock: Clock,
    ) -> None:
        self._store = store
        self._intake = intake
        self._storage = storage
        self._acceptance = acceptance
        self._following = following
        self._wallets = wallets
        self._clock = clock

    async def complete(self, caller: Caller, upload_id: str, etags: Mapping[int, str] | None, title: str | None) -> Job:
        """Accepts the job that makes a track of it; it is not lost any more, and it is free.

        `etags` are what storage told the client for each part it sent; without them what has arrived counts. Raises
        `Unauthenticated`, `ValidationFailed`, `NotFound`, `UploadClosed`, `UploadIncomplete`, `TooManyJobs` and
        `Overloaded`.
        """
        owner_id = caller.require(Scope.UPLOAD)
        if issues := title_issues(title):
            raise ValidationFailed(issues)
        upload = await self._owned(owner_id, upload_id)
        if title is not None and upload.descent is not None:
            raise ValidationFailed([Issue("title", "A version has the title of its track. Leave it out.")])
        if upload.status is UploadStatus.OPEN and upload.expires_at > self._clock.now():
            await self._join(upload, etags)
            try:
                return await self._accept(upload, None if title is None else title.strip())
            except _ClosedMeanwhile:
                upload = await self._owned(owner_id, upload_id)
        if upload.job_id is None:
            raise UploadClosed(upload.id, UploadStatus.ABORTED)
        return (await self._following.jobs_by_id(Caller(owner_id), [upload.job_id]))[upload.job_id]

    async def abort(self, caller: Caller, upload_id: str) -> Upload:
        """Forgets an open upload and what has arrived of it; aborting it again changes nothing.

        Raises `Unauthenticated`, `NotFound`, and `UploadClosed` for one that is complete.
        """
        upload = await self._owned(caller.require(Scope.UPLOAD), upload_id)
        if not await self._store.abort(upload.id):
            upload = await self._owned(upload.owner_id, upload_id)
            if upload.status is UploadStatus.COMPLETED:
                raise UploadClosed(upload.id, upload.status)
            return upload
        await self._storage.let_go(upload)
        return await self._owned(upload.owner_id, upload_id)

    async def _owned(self, owner_id: str, upload_id: str) -> Upload:
        upload = await self._store.find_owned(owner_id, upload_id)
        if upload is None:
            raise NotFound("upload", upload_id)
        return upload

    async def _join(self, upload: Upload, etags: Mapping[int, str] | None) -> None:
        """Makes sure that the whole object is there. A call before this one may have come as far."""
        if await self._intake.size_of(upload.key) == upload.size_bytes:
            return
        received = await self._received(upload)
        missing = {part.number for part in upload.missing(received)}
        if etags is not None:
            told = {part.number: part.etag for part in received}
            missing |= {number for number, etag in etags.items() if told.get(number) != etag.strip('"')}
        if missing:
            raise UploadIncomplete(sorted(missing))
        if upload.gathering is not None:
            await self._intake.join_parts(upload.key, upload.gathering, received)

    async def _received(self, upload: Upload) -> Sequence[ReceivedPart]:
        if upload.gathering is None:
            return ()
        try:
            return await self._intake.parts(upload.key, upload.gathering)
        except NotFound:
            return ()

    async def _accept(self, upload: Upload, title: str | None) -> Job:
        new = NewJob(
            id=new_id(),
            kind=JOB_KIND,
            owner_id=upload.owner_id,
            share=Share.of(await self._wallets.plan_of(upload.owner_id)),
            price=0,
            nominal_seconds=nominal_seconds(upload.size_bytes),
            deadline_seconds=deadline_seconds(upload.max_seconds),
            stage_limits=stage_limits(upload.max_seconds),
        )

        async def close(session: Session) -> None:
            if not await self._store.complete(upload, new.id, title, session):
                raise _ClosedMeanwhile()

        (job,) = await self._acceptance.accept([new], None, close)
        return job
