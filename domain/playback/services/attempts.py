"""What every job that makes a track does with its rendition, attempt after attempt."""

import structlog

from domain.jobs.errors import JobCanceled, LeaseLost
from domain.jobs.model import Lease
from domain.jobs.services.run import JobRunning
from domain.jobs.services.steps import JobSteps
from domain.kit.audio.notes import from_text
from domain.kit.blobs import BlobStore
from domain.kit.clock import Clock
from domain.kit.concurrency import to_the_end
from domain.kit.errors import DependencyUnavailable, NotFound
from domain.kit.transactions import Session
from domain.library.model import Descent
from domain.library.recording import NewTrack, NewVersion, Recording
from domain.library.service import LibraryService
from domain.playback.model import Rendition
from domain.playback.services.playback import PlaybackService
from domain.playback.services.publish import OnPublished, SegmentPublisher
from domain.recognition.services.recognise import Recognition
from domain.transcription.services.recall import Transcriptions

log = structlog.get_logger()

FILES_STEP = "files"


class RenditionAttempts:
    """An attempt opens a rendition of its own, or takes up one whose files an earlier attempt has stored.

    It ends in one of two ways: what it made is shown with the job's success, or nothing is left that a listener could
    see.
    """

    def __init__(
        self,
        playback: PlaybackService,
        library: LibraryService,
        recognition: Recognition,
        transcriptions: Transcriptions,
        running: JobRunning,
        steps: JobSteps,
        blobs: BlobStore,
        clock: Clock,
    ) -> None:
        self._playback = playback
        self._library = library
        self._recognition = recognition
        self._transcriptions = transcriptions
        self._running = running
        self._steps = steps
        self._blobs = blobs
        self._clock = clock

    async def begin(self, lease: Lease, rendition: Rendition, descent: Descent | None) -> None:
        """Opens the playlist; what an attempt left whose worker was killed is removed.

        Raises `NotFound` when the track that the version is to join has gone into the trash.
        """
        if descent is not None and not await self._library.has(rendition.owner_id, rendition.track_id):
            raise NotFound("track", rendition.track_id)

        async def begin(session: Session) -> str | None:
            return await self._playback.begin(rendition, session)

        before = await self._running.under(lease, begin)
        if before is not None:
            await self._remove_objects(before)

    def publisher(self, rendition: Rendition, on_published: OnPublished) -> SegmentPublisher:
        return SegmentPublisher(rendition, self._blobs, self._playback, on_published)

    async def keep(self, lease: Lease, recording: Recording) -> None:
        """All files are stored: from now on another attempt need not make them again."""
        await self._steps.record(lease, FILES_STEP, recording.to_json())

    async def have_kept(self, job_id: str) -> bool:
        """Whether an earlier attempt has stored all files."""
        return await self._steps.find(job_id, FILES_STEP) is not None

    async def take_up(self, lease: Lease, version_id: str) -> tuple[Rendition, Recording] | None:
        """What an earlier attempt has recorded and stored, if it is still there."""
        text = await self._steps.find(lease.job_id, FILES_STEP)
        if text is None:
            return None
        recording = Recording.from_json(text)

        async def adopt(session: Session) -> Rendition | None:
            return await self._playback.adopt(version_id, recording.prefix, lease.attempt, session)

        rendition = await self._running.under(lease, adopt)
        if rendition is None:
            await self._steps.forget(lease, FILES_STEP)
            return None
        return rendition, recording

    async def finish(
        self, lease: Lease, rendition: Rendition, recording: Recording, made: NewTrack | NewVersion
    ) -> None:
        """Shows it, or takes it back when its owner does not want it any more; else the next attempt takes it up.

        Raises `LeaseLost`, `JobCanceled`, and `NotFound` for a version whose track has gone into the trash.
        """

        async def effects(session: Session) -> None:
            await self._library.add(made, recording.structure, self._clock.now(), session)
            await self._recognition.remember(made.owner_id, made.version, recording.fingerprint, session)
            notes = None if recording.notes is None else from_text(recording.notes)
            await self._transcriptions.remember(made.owner_id, made.version, notes, session)
            if not await self._playback.complete(rendition, session):
                raise LeaseLost()

        try:
            await self._running.succeed(lease, effects)
        except (JobCanceled, NotFound):
            await to_the_end(self.take_back(rendition))
            raise

    async def take_back(self, rendition: Rendition) -> None:
        """Removes what was published, if it is still this attempt's. What cannot be removed now is the janitor's.

        It raises nothing, so that it does not hide why it was called.
        """
        try:
            await self._playback.take_back(rendition)
        except Exception as error:
            log.warning("rendition_left_behind", version_id=rendition.version_id, reason=str(error)[:200])

    async def _remove_objects(self, prefix: str) -> None:
        """Bytes that cannot be removed now are only litter: no record names them."""
        try:
            await self._blobs.delete_folder(prefix)
        except DependencyUnavailable as error:
            log.warning("objects_left_behind", prefix=prefix, reason=error.detail)
