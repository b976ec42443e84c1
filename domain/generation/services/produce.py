"""Making the song: render the score, publish while rendering, finish. Runs in a worker under a lease."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import structlog

from domain.generation.model import Generation
from domain.generation.services.publish import SegmentPublisher
from domain.generation.services.recorder import Recorder, work_folder
from domain.generation.services.store_files import FileStorage
from domain.generation.services.write_score import ScoreWriting
from domain.generation.song import Recording, Song
from domain.generation.stages import RENDER_STAGES, STARTS, next_start
from domain.generation.store import GenerationStore
from domain.jobs.errors import JobCanceled, LeaseLost
from domain.jobs.model import JobStage, Lease
from domain.jobs.services.run import JobRunning
from domain.jobs.services.steps import JobSteps
from domain.kit.blobs import BlobStore
from domain.kit.clock import Clock
from domain.kit.errors import DependencyUnavailable, EngineRefused
from domain.kit.media import MediaStudio
from domain.kit.music_engine import MusicEngine, RenderedChunk, RenderEvent, RenderFinished, RenderProgress
from domain.kit.transactions import Session
from domain.library.service import LibraryService
from domain.playback.model import Rendition
from domain.playback.services.playback import PlaybackService

log = structlog.get_logger()

HLS_BANDWIDTH = 210_000
FILES_STEP = "files"


class SongProduction:
    """One call makes one song or leaves nothing behind that a listener could see.

    An attempt goes on behind the steps that earlier attempts have finished: the score, and the stored files.
    """

    def __init__(
        self,
        store: GenerationStore,
        writing: ScoreWriting,
        engine: MusicEngine,
        studio: MediaStudio,
        blobs: BlobStore,
        running: JobRunning,
        steps: JobSteps,
        playback: PlaybackService,
        library: LibraryService,
        clock: Clock,
        work_root: Path,
    ) -> None:
        self._store = store
        self._writing = writing
        self._engine = engine
        self._studio = studio
        self._blobs = blobs
        self._running = running
        self._steps = steps
        self._playback = playback
        self._library = library
        self._clock = clock
        self._work_root = work_root

    async def produce(self, lease: Lease) -> None:
        """Raises what the job runner sorts: `JobCanceled`, `LeaseLost`, `DomainError` and its kinds."""
        generation = await self._store.find(lease.job_id)
        if generation is None:
            raise LookupError(f"the job {lease.job_id} has no generation")
        song = await self._writing.write(lease, generation)
        if (stored := await self._take_up(lease, generation)) is not None:
            await self._finish(lease, song, *stored)
            return
        rendition = _new_rendition(generation, lease)
        await self._begin(lease, rendition)
        with work_folder(self._work_root, lease.job_id) as folder:
            tags = song.tags(self._clock.now())
            recorder = Recorder(await asyncio.to_thread(self._studio.open, folder, tags, song.outline.track_ids))
            try:
                recording = await self._record(lease, song, rendition, recorder)
            except BaseException:
                await asyncio.shield(self._clean_up(rendition, recorder))
                raise
        await self._finish(lease, song, rendition, recording)

    async def _take_up(self, lease: Lease, generation: Generation) -> tuple[Rendition, Recording] | None:
        """What an earlier attempt has recorded and stored, if it is still there."""
        text = await self._steps.find(lease.job_id, FILES_STEP)
        if text is None:
            return None
        recording = Recording.from_json(text)

        async def adopt(session: Session) -> Rendition | None:
            return await self._playback.adopt(generation.track_id, recording.prefix, lease.attempt, session)

        rendition = await self._running.under(lease, adopt)
        if rendition is None:
            await self._steps.forget(lease, FILES_STEP)
            return None
        await self._running.enter(lease, JobStage.FINALIZING, STARTS[JobStage.FINALIZING])
        await self._running.report(lease, STARTS[JobStage.FINALIZING], is_playable=True)
        return rendition, recording

    async def _begin(self, lease: Lease, rendition: Rendition) -> None:
        """Opens the playlist; what an attempt left whose worker was killed is removed."""

        async def begin(session: Session) -> str | None:
            return await self._playback.begin(rendition, session)

        before = await self._running.under(lease, begin)
        if before is not None:
            await self._remove_objects(before)

    async def _record(self, lease: Lease, song: Song, rendition: Rendition, recorder: Recorder) -> Recording:
        duration = song.generation.request.duration_seconds
        start, end = STARTS[JobStage.RENDERING], STARTS[JobStage.FINALIZING]

        async def on_published(seconds: float) -> None:
            progress = start + (end - start) * min(1.0, seconds / duration)
            await self._running.report(lease, round(progress, 4), is_playable=True)

        async with SegmentPublisher(rendition, self._blobs, self._playback, on_published) as publisher:
            await self._render(lease, song, recorder, publisher)
            segments, files = await recorder.finish(song.outline.bpm)
            await publisher.publish(segments)
        await self._running.enter(lease, JobStage.FINALIZING, STARTS[JobStage.FINALIZING])
        storage = FileStorage(self._blobs, rendition.prefix)
        recording = Recording.of(rendition.prefix, files.analysis, await storage.store(files, song.composition))
        await self._steps.record(lease, FILES_STEP, recording.to_json())
        return recording

    async def _render(self, lease: Lease, song: Song, recorder: Recorder, publisher: SegmentPublisher) -> None:
        stage: JobStage | None = None
        events = self._engine.render(
            song.composition.score,
            duration_seconds=song.generation.request.duration_seconds,
            stem_names=song.outline.track_ids,
            queue=lease.queue,
        )
        finished = False
        async with aclosing(events):
            async for event in events:
                stage = await self._enter_stage(lease, stage, event)
                if isinstance(event, RenderedChunk):
                    await publisher.publish(await recorder.write(event))
                finished = isinstance(event, RenderFinished)
        if not finished:
            raise EngineRefused("INCOMPLETE", "the renderer stopped before the end of the song")

    async def _enter_stage(self, lease: Lease, current: JobStage | None, event: RenderEvent) -> JobStage | None:
        if isinstance(event, RenderFinished):
            return current
        if isinstance(event, RenderedChunk):
            stage, within = JobStage.RENDERING, 0.0
        else:
            stage, within = RENDER_STAGES[event.stage], event.progress
        progress = round(STARTS[stage] + within * (next_start(stage) - STARTS[stage]), 4)
        if stage is not current:
            await self._running.enter(lease, stage, progress)
        elif isinstance(event, RenderProgress):
            await self._running.report(lease, progress)
        return stage

    async def _finish(self, lease: Lease, song: Song, rendition: Rendition, recording: Recording) -> None:
        """Shows the song, or takes it back when its owner has canceled it; else the next attempt takes it up."""
        now = self._clock.now()
        version = song.version(recording, now)
        track = song.track(version, now)

        async def effects(session: Session) -> None:
            await self._library.add(track, version, session)
            if not await self._playback.complete(rendition, session):
                raise LeaseLost()

        try:
            await self._running.succeed(lease, effects)
        except JobCanceled:
            await asyncio.shield(self._take_back(rendition))
            raise
        log.info("song_finished", job_id=lease.job_id, track_id=track.id, genre=track.genre)

    async def _clean_up(self, rendition: Rendition, recorder: Recorder) -> None:
        """What fails here must not hide why we are here."""
        await recorder.abort()
        await self._take_back(rendition)

    async def _take_back(self, rendition: Rendition) -> None:
        """Removes what was published, if it is still this attempt's. What cannot be removed now is the janitor's."""
        try:
            await self._playback.take_back(rendition)
        except Exception as error:
            log.warning("rendition_left_behind", track_id=rendition.track_id, reason=str(error)[:200])

    async def _remove_objects(self, prefix: str) -> None:
        """Bytes that cannot be removed now are only litter: no record names them."""
        try:
            await self._blobs.delete_folder(prefix)
        except DependencyUnavailable as error:
            log.warning("objects_left_behind", prefix=prefix, reason=error.detail)


def _new_rendition(generation: Generation, lease: Lease) -> Rendition:
    return Rendition(
        track_id=generation.track_id,
        owner_id=generation.owner_id,
        job_id=lease.job_id,
        attempt=lease.attempt,
        prefix=f"tracks/{generation.track_id}/{generation.version_id}/{lease.attempt}-{lease.token[:8]}",
        bandwidth=HLS_BANDWIDTH,
        segments=(),
        is_complete=False,
    )
