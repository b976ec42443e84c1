"""Making the song: understand, compose, render, publish while rendering, finish. Runs in a worker under a lease."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import structlog

from domain.generation.model import Generation
from domain.generation.outline import ScoreOutline
from domain.generation.services.publish import SegmentPublisher
from domain.generation.services.recorder import Recorder, work_folder
from domain.generation.services.store_files import FileStorage
from domain.generation.services.understand import PromptUnderstanding
from domain.generation.store import GenerationStore
from domain.jobs.errors import LeaseLost
from domain.jobs.model import JobStage, Lease
from domain.jobs.services.run import JobRunning
from domain.kit.blobs import BlobStore
from domain.kit.clock import Clock
from domain.kit.errors import DependencyUnavailable, EngineRefused
from domain.kit.media import MediaFiles, MediaStudio, TrackTags
from domain.kit.music_engine import (
    Composition,
    MusicEngine,
    RenderedChunk,
    RenderEvent,
    RenderFinished,
    RenderProgress,
)
from domain.kit.transactions import Session
from domain.library.model import Analysis, Asset, Origin, Track, Version
from domain.library.service import LibraryService
from domain.music.brief import MusicBrief
from domain.music.understanding import to_composer_json
from domain.playback.model import Rendition
from domain.playback.service import PlaybackService

log = structlog.get_logger()

HLS_BANDWIDTH = 210_000

# Where each stage begins on the way from 0 to 1, in proportion to the time it takes for a one-minute song.
STARTS = {
    JobStage.UNDERSTANDING: 0.01,
    JobStage.COMPOSING: 0.03,
    JobStage.SYNTHESIZING: 0.06,
    JobStage.MASTERING: 0.2,
    JobStage.RENDERING: 0.35,
    JobStage.FINALIZING: 0.85,
}
RENDER_STAGES = {"synthesis": JobStage.SYNTHESIZING, "mastering": JobStage.MASTERING}


@dataclass(frozen=True)
class Song:
    """What is known once the score is written."""

    generation: Generation
    brief: MusicBrief
    composition: Composition
    outline: ScoreOutline

    @property
    def title(self) -> str:
        return self.generation.request.title or self.outline.title


class SongProduction:
    """One call makes one song or leaves nothing behind that a listener could see."""

    def __init__(
        self,
        store: GenerationStore,
        understanding: PromptUnderstanding,
        engine: MusicEngine,
        studio: MediaStudio,
        blobs: BlobStore,
        running: JobRunning,
        playback: PlaybackService,
        library: LibraryService,
        clock: Clock,
        work_root: Path,
    ) -> None:
        self._store = store
        self._understanding = understanding
        self._engine = engine
        self._studio = studio
        self._blobs = blobs
        self._running = running
        self._playback = playback
        self._library = library
        self._clock = clock
        self._work_root = work_root

    async def produce(self, lease: Lease) -> None:
        """Raises what the job runner sorts: `JobCanceled`, `LeaseLost`, `DomainError` and its kinds."""
        generation = await self._store.find(lease.job_id)
        if generation is None:
            raise LeaseLost()
        song = await self._write_score(lease, generation)
        rendition = _new_rendition(generation, lease)
        await self._begin(rendition)
        with work_folder(self._work_root, lease.job_id) as folder:
            tags = _tags(song, self._clock)
            recorder = Recorder(await asyncio.to_thread(self._studio.open, folder, tags, song.outline.track_ids))
            try:
                await self._record(lease, song, rendition, recorder)
            except BaseException:
                await asyncio.shield(self._clean_up(rendition, recorder))
                raise

    async def _begin(self, rendition: Rendition) -> None:
        """Opens the playlist; what an attempt left whose worker was killed is removed."""
        before = await self._playback.begin(rendition)
        if before is not None:
            await self._remove_objects(before)

    async def _write_score(self, lease: Lease, generation: Generation) -> Song:
        request = generation.request
        await self._running.enter(lease, JobStage.UNDERSTANDING, STARTS[JobStage.UNDERSTANDING])
        brief = await self._understanding.read(request.prompt, request.overrides())
        await self._store.set_brief(lease.job_id, brief)
        await self._running.enter(lease, JobStage.COMPOSING, STARTS[JobStage.COMPOSING])
        composition = await self._engine.compose(
            to_composer_json(
                brief, duration_seconds=request.duration_seconds, seed=generation.seed, title=request.title
            )
        )
        song = Song(generation, brief, composition, ScoreOutline.parse(composition.score))
        await self._store.set_title(lease.job_id, song.title)
        return song

    async def _record(self, lease: Lease, song: Song, rendition: Rendition, recorder: Recorder) -> None:
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
        assets = await storage.store(files, song.composition)
        await self._finish(lease, song, rendition, files, assets)

    async def _render(self, lease: Lease, song: Song, recorder: Recorder, publisher: SegmentPublisher) -> None:
        stage: JobStage | None = None
        events = self._engine.render(
            song.composition.score,
            duration_seconds=song.generation.request.duration_seconds,
            stem_names=song.outline.track_ids,
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
        progress = round(STARTS[stage] + within * (_next_start(stage) - STARTS[stage]), 4)
        if stage is not current:
            await self._running.enter(lease, stage, progress)
        elif isinstance(event, RenderProgress):
            await self._running.report(lease, progress)
        return stage

    async def _finish(
        self, lease: Lease, song: Song, rendition: Rendition, files: MediaFiles, assets: Sequence[Asset]
    ) -> None:
        now = self._clock.now()
        generation = song.generation
        track = Track(
            id=generation.track_id,
            owner_id=generation.owner_id,
            title=song.title,
            artist=generation.artist,
            genre=song.outline.genre,
            created_at=now,
            current_version_id=generation.version_id,
        )
        version = Version(
            id=generation.version_id,
            track_id=generation.track_id,
            created_at=now,
            duration_seconds=files.analysis.duration_seconds,
            bpm=song.outline.bpm,
            key=song.outline.key,
            meter=song.outline.meter,
            origin=_origin(song),
            analysis=_analysis(files),
            assets=tuple(assets),
        )

        async def effects(session: Session) -> None:
            await self._library.add(track, version, session)
            if not await self._playback.complete(rendition, session):
                raise LeaseLost()

        await self._running.succeed(lease, effects)
        log.info("song_finished", job_id=lease.job_id, track_id=track.id, genre=track.genre)

    async def _clean_up(self, rendition: Rendition, recorder: Recorder) -> None:
        """Takes back what was published, playlist first. What fails here must not hide why we are here."""
        await recorder.abort()
        try:
            await self._playback.discard(rendition)
        except Exception as error:
            log.warning("rendition_left_behind", track_id=rendition.track_id, reason=str(error)[:200])
        await self._remove_objects(rendition.prefix)

    async def _remove_objects(self, prefix: str) -> None:
        """Bytes that cannot be removed now are only litter: no record names them."""
        try:
            await self._blobs.delete_folder(prefix)
        except DependencyUnavailable as error:
            log.warning("objects_left_behind", prefix=prefix, reason=error.detail)


def _origin(song: Song) -> Origin:
    generation = song.generation
    return Origin(
        job_id=generation.job_id,
        model_id=generation.request.model_id,
        model_version=song.composition.model_version,
        seed=generation.seed,
    )


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


def _next_start(stage: JobStage) -> float:
    return min(start for start in STARTS.values() if start > STARTS[stage])


def _tags(song: Song, clock: Clock) -> TrackTags:
    request = song.generation.request
    return TrackTags(
        title=song.title,
        artist=song.generation.artist,
        genre=song.outline.genre,
        bpm=song.outline.bpm,
        key=song.outline.key,
        comment=f"Generated with Cadenza from the prompt: {request.prompt.strip()}",
        date=clock.now().date().isoformat(),
        model=request.model_id,
        seed=song.generation.seed,
    )


def _analysis(files: MediaFiles) -> Analysis:
    measured = files.analysis
    return Analysis(
        loudness_lufs=measured.loudness_lufs,
        loudness_range_lu=measured.loudness_range_lu,
        true_peak_dbtp=measured.true_peak_dbtp,
        tempo_bpm=measured.tempo_bpm,
        tempo_confidence=measured.tempo_confidence,
        key=measured.key,
        key_confidence=measured.key_confidence,
    )
