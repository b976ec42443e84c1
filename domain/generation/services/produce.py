"""Making the song: have it sound, publish while it does, finish. Runs in a worker under a lease."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path

import structlog

from domain.generation.model import Generation
from domain.generation.models import ModelCard, ModelKind
from domain.generation.services.making import Begun, Maker
from domain.generation.services.models import ModelCatalogue
from domain.generation.song import Song
from domain.generation.stages import RENDER_STAGES, STARTS, within
from domain.generation.store import GenerationStore
from domain.jobs.model import JobStage, Lease
from domain.jobs.services.run import JobRunning
from domain.kit.audio.media import MediaStudio
from domain.kit.audio.music_engine import RenderedChunk, RenderEvent, RenderFinished, RenderProgress
from domain.kit.blobs import BlobStore
from domain.kit.clock import Clock
from domain.kit.concurrency import to_the_end
from domain.kit.errors import EngineRefused
from domain.library.recording import Recording
from domain.library.services.store_assets import AssetStorage
from domain.playback.model import Rendition, new_rendition
from domain.playback.services.attempts import RenditionAttempts
from domain.playback.services.publish import SegmentPublisher
from domain.playback.services.record import Recorder, work_folder

log = structlog.get_logger()


class SongProduction:
    """One call makes one song or leaves nothing behind that a listener could see.

    An attempt goes on behind the steps that earlier attempts have finished: a score, and the stored files.
    """

    def __init__(
        self,
        store: GenerationStore,
        models: ModelCatalogue,
        makers: Mapping[ModelKind, Maker],
        studio: MediaStudio,
        blobs: BlobStore,
        running: JobRunning,
        attempts: RenditionAttempts,
        clock: Clock,
        work_root: Path,
    ) -> None:
        self._store = store
        self._models = models
        self._makers = makers
        self._studio = studio
        self._blobs = blobs
        self._running = running
        self._attempts = attempts
        self._clock = clock
        self._work_root = work_root

    async def produce(self, lease: Lease) -> None:
        """Raises what the job runner sorts: `JobCanceled`, `LeaseLost`, `DomainError` and its kinds."""
        generation = await self._store.find(lease.job_id)
        if generation is None:
            raise LookupError(f"the job {lease.job_id} has no generation")
        card = await self._maker_of(generation)
        begun = await self._makers[card.kind].begin(lease, generation, card)
        song = begun.song
        if (stored := await self._attempts.take_up(lease, generation.version_id)) is not None:
            await self._running.enter(lease, JobStage.FINALIZING, STARTS[JobStage.FINALIZING])
            await self._running.report(lease, STARTS[JobStage.FINALIZING], is_playable=True)
            await self._finish(lease, song, *stored)
            return
        rendition = _rendition_of(generation, lease)
        await self._attempts.begin(lease, rendition, generation.request.descent)
        with work_folder(self._work_root, lease.job_id) as folder:
            tags = song.tags(self._clock.now())
            recorder = Recorder(await asyncio.to_thread(self._studio.open, folder, tags, song.stem_names))
            try:
                recording = await self._record(lease, begun, rendition, recorder)
            except BaseException:
                await to_the_end(self._clean_up(rendition, recorder))
                raise
        await self._finish(lease, song, rendition, recording)

    async def _maker_of(self, generation: Generation) -> ModelCard:
        """Whose samples are there already need not be served any more, and was what it was when they were made.

        Raises `DependencyUnavailable` when the server lacks the model now.
        """
        if generation.card is not None and await self._attempts.have_kept(generation.job_id):
            return generation.card
        return await self._models.accepted(generation.model_id)

    async def _record(self, lease: Lease, begun: Begun, rendition: Rendition, recorder: Recorder) -> Recording:
        song = begun.song
        duration = song.generation.request.duration_seconds
        start, end = STARTS[JobStage.RENDERING], STARTS[JobStage.FINALIZING]

        async def on_published(seconds: float) -> None:
            progress = start + (end - start) * min(1.0, seconds / duration)
            await self._running.report(lease, round(progress, 4), is_playable=True)

        async with self._attempts.publisher(rendition, on_published) as publisher:
            await self._render(lease, begun, recorder, publisher)
            segments, files = await recorder.finish(song.facts.bpm)
            await publisher.publish(segments)
        await self._running.enter(lease, JobStage.FINALIZING, STARTS[JobStage.FINALIZING])
        storage = AssetStorage(self._blobs, rendition.prefix)
        assets = await storage.store(files, song.files())
        recording = Recording.of(rendition.prefix, files.analysis, assets)
        await self._attempts.keep(lease, recording)
        return recording

    async def _render(self, lease: Lease, begun: Begun, recorder: Recorder, publisher: SegmentPublisher) -> None:
        stage: JobStage | None = None
        finished = False
        async with aclosing(begun.sound()) as events:
            async for event in events:
                stage = await self._enter_stage(lease, stage, event)
                if isinstance(event, RenderedChunk):
                    await publisher.publish(await recorder.write(event.mix, event.stems))
                finished = isinstance(event, RenderFinished)
        if not finished:
            raise EngineRefused("INCOMPLETE", "the model stopped before the end of the song")

    async def _enter_stage(self, lease: Lease, current: JobStage | None, event: RenderEvent) -> JobStage | None:
        if isinstance(event, RenderFinished):
            return current
        if isinstance(event, RenderedChunk):
            stage, part = JobStage.RENDERING, 0.0
        else:
            stage, part = RENDER_STAGES[event.stage], event.progress
        progress = within(stage, part)
        if stage is not current:
            await self._running.enter(lease, stage, progress)
        elif isinstance(event, RenderProgress):
            await self._running.report(lease, progress)
        return stage

    async def _finish(self, lease: Lease, song: Song, rendition: Rendition, recording: Recording) -> None:
        made = song.made(recording, self._clock.now())
        await self._attempts.finish(lease, rendition, recording, made)
        log.info("song_finished", job_id=lease.job_id, track_id=rendition.track_id, genre=song.facts.genre)

    async def _clean_up(self, rendition: Rendition, recorder: Recorder) -> None:
        await recorder.abort()
        await self._attempts.take_back(rendition)


def _rendition_of(generation: Generation, lease: Lease) -> Rendition:
    return new_rendition(generation.track_id, generation.version_id, generation.owner_id, lease)
