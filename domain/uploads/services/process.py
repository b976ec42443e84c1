"""Making a track of a file: fetch, decode, show while rendering, keep the original. Runs in a worker under a lease."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import structlog

from domain.jobs.model import JobStage, Lease
from domain.jobs.services.run import JobRunning
from domain.kit.audio.audio_decoding import AudioDecoder, DecodedAudio
from domain.kit.audio.media import SEGMENT_RATE, AudioAnalysis, MediaFile, MediaStudio
from domain.kit.audio.notes import Note, packed, to_text
from domain.kit.audio.samples import SampleReader
from domain.kit.audio.unusable_audio import AudioTooLarge, UnusableAudio
from domain.kit.blob_intake import BlobIntake, BlobTooLarge, FetchedBlob
from domain.kit.blobs import BlobStore
from domain.kit.clock import Clock
from domain.kit.concurrency import both, to_the_end
from domain.kit.errors import NotFound
from domain.kit.transactions import Session
from domain.library.model import Asset, AssetKind
from domain.library.recording import Recording
from domain.library.services.store_assets import AssetData, AssetStorage
from domain.playback.model import Rendition, new_rendition
from domain.playback.services.attempts import RenditionAttempts
from domain.playback.services.publish import SegmentPublisher
from domain.playback.services.record import Recorder, work_folder
from domain.transcription.midi import standard_midi_file
from domain.transcription.services.transcribe import Transcriber
from domain.uploads.errors import UploadClosed
from domain.uploads.lyrics import found_lyrics
from domain.uploads.meter import UploadMeter
from domain.uploads.model import ORIGINALS, STARTS, Upload, UploadStatus
from domain.uploads.store import UploadStore
from domain.uploads.track import made_of, tags_for_files

log = structlog.get_logger()

SOURCE, SAMPLES = "source", "samples.f32"
MIDI = "notes.mid"
# The first piece is short, so that something can be heard at once; then fewer, larger ones are cheaper.
FIRST_FRAMES, CHUNK_FRAMES = 2 * SEGMENT_RATE, 8 * SEGMENT_RATE


class UploadProcessing:
    """One call makes one track or leaves nothing behind that a listener could see.

    Nothing is shown before the whole file was decoded and judged. An attempt goes on behind stored files of another.
    """

    def __init__(
        self,
        store: UploadStore,
        intake: BlobIntake,
        decoder: AudioDecoder,
        studio: MediaStudio,
        transcriber: Transcriber,
        blobs: BlobStore,
        running: JobRunning,
        attempts: RenditionAttempts,
        meter: UploadMeter,
        clock: Clock,
        work_root: Path,
    ) -> None:
        self._store = store
        self._intake = intake
        self._decoder = decoder
        self._studio = studio
        self._transcriber = transcriber
        self._blobs = blobs
        self._running = running
        self._attempts = attempts
        self._meter = meter
        self._clock = clock
        self._work_root = work_root

    async def process(self, lease: Lease) -> None:
        """Raises what the job runner sorts: `JobCanceled`, `LeaseLost`, `UnusableAudio` and other `DomainError`s."""
        upload = await self._store.find_by_job(lease.job_id)
        if upload is None:
            raise LookupError(f"the job {lease.job_id} has no upload")
        if (stored := await self._attempts.take_up(lease, upload.version_id)) is not None:
            await self._running.enter(lease, JobStage.FINALIZING, STARTS[JobStage.FINALIZING])
            await self._running.report(lease, STARTS[JobStage.FINALIZING], is_playable=True)
            await self._finish(lease, upload, *stored)
            return
        with work_folder(self._work_root, lease.job_id) as folder:
            arrived = asyncio.Event()
            fetched, decoded = await both(
                self._fetch(lease, upload, folder, arrived), self._decode(upload, folder, arrived)
            )
            upload = await self._note_tags(lease, upload, decoded)
            rendition = new_rendition(upload.track_id, upload.version_id, upload.owner_id, lease)
            await self._attempts.begin(lease, rendition, upload.descent)
            recorder = await self._open(upload, decoded, folder)
            try:
                recording = await self._record(lease, upload, rendition, decoded, fetched, recorder, folder)
            except BaseException:
                await to_the_end(self._clean_up(rendition, recorder))
                raise
        await self._finish(lease, upload, rendition, recording)

    async def _fetch(self, lease: Lease, upload: Upload, folder: Path, arrived: asyncio.Event) -> FetchedBlob:
        """Raises `UploadClosed` when the file is not there any more, and `AudioTooLarge`."""
        try:
            fetched = await self._intake.fetch(upload.key, folder / SOURCE, upload.size_bytes)
        except BlobTooLarge:
            self._meter.refused(AudioTooLarge.code)
            raise AudioTooLarge(limit_bytes=upload.size_bytes) from None
        except NotFound:
            raise UploadClosed(upload.id, UploadStatus.ABORTED) from None
        arrived.set()
        await self._running.report(lease, STARTS[JobStage.UNDERSTANDING])
        return fetched

    async def _decode(self, upload: Upload, folder: Path, arrived: asyncio.Event) -> DecodedAudio:
        """The decoder gets ready while the file is fetched."""
        decoding = self._decoder.decode(folder / SOURCE, folder / SAMPLES, upload.max_seconds, arrived)
        try:
            decoded, begun = await both(decoding, _time_of(arrived))
        except UnusableAudio as error:
            self._meter.refused(error.code)
            raise
        self._meter.decoded(decoded.container, decoded.frames / SEGMENT_RATE, time.monotonic() - begun)
        return decoded

    async def _note_tags(self, lease: Lease, upload: Upload, decoded: DecodedAudio) -> Upload:
        """What the file says about itself goes with the upload, where the next attempt finds it, too."""
        found = found_lyrics(upload, decoded)
        lyrics = None if found is None else found.note
        if lyrics is not None:
            self._meter.lyrics(lyrics.use)

        async def note(session: Session) -> None:
            await self._store.note(lease.job_id, decoded.tags, lyrics, session)

        await self._running.under(lease, note)
        return replace(upload, tags=decoded.tags, lyrics=lyrics)

    async def _open(self, upload: Upload, decoded: DecodedAudio, folder: Path) -> Recorder:
        """Without an MP3: its owner has the original, and the lossless master."""
        tags = tags_for_files(upload, self._clock.now())
        opening = partial(self._studio.open, folder, tags, (), cover=decoded.cover, download=False)
        return Recorder(await asyncio.to_thread(opening))

    async def _record(
        self,
        lease: Lease,
        upload: Upload,
        rendition: Rendition,
        decoded: DecodedAudio,
        fetched: FetchedBlob,
        recorder: Recorder,
        folder: Path,
    ) -> Recording:
        seconds = decoded.frames / SEGMENT_RATE
        start, end = STARTS[JobStage.RENDERING], STARTS[JobStage.FINALIZING]
        playable = asyncio.Event()

        async def on_published(published: float) -> None:
            playable.set()
            progress = start + (end - start) * min(1.0, published / seconds)
            await self._running.report(lease, round(progress, 4), is_playable=True)

        await self._running.enter(lease, JobStage.RENDERING, start)
        async with self._attempts.publisher(rendition, on_published) as publisher:
            _, recording = await both(
                self._play(decoded, recorder, publisher, folder),
                self._store_files(upload, rendition, decoded, fetched, recorder, folder, playable),
            )
        await self._running.enter(lease, JobStage.FINALIZING, end)
        if (found := found_lyrics(upload, decoded)) is not None:
            recording = replace(recording, lyrics=found.lyrics)
        await self._attempts.keep(lease, recording)
        return recording

    async def _play(self, decoded: DecodedAudio, recorder: Recorder, publisher: SegmentPublisher, folder: Path) -> None:
        with SampleReader(folder / SAMPLES, decoded.peak) as reader:
            frames = FIRST_FRAMES
            while len(chunk := await asyncio.to_thread(reader.read, frames)):
                await publisher.publish(await recorder.play(chunk))
                frames = CHUNK_FRAMES
        await publisher.publish(await recorder.end())

    async def _store_files(
        self,
        upload: Upload,
        rendition: Rendition,
        decoded: DecodedAudio,
        fetched: FetchedBlob,
        recorder: Recorder,
        folder: Path,
        playable: asyncio.Event,
    ) -> Recording:
        """Once somebody can listen: until then, every processor works for that.

        It overtakes the encoders of what is played, so they have the processors that drawing and storing leave free.
        """
        await playable.wait()
        storage = AssetStorage(self._blobs, rendition.prefix)
        (analysis, files), (notes, original) = await both(
            self._measure(decoded, recorder, storage, folder),
            both(self._hear(decoded, folder), self._keep(decoded, fetched, storage, folder)),
        )
        title = upload.titled(decoded.tags)
        midi = await asyncio.to_thread(standard_midi_file, title, notes, analysis.tempo_bpm)
        score = await storage.store_data(AssetData(AssetKind.MIDI, MIDI, midi, "audio/midi"))
        return Recording.of(rendition.prefix, analysis, [*files, original, score], to_text(packed(notes)))

    async def _measure(
        self, decoded: DecodedAudio, recorder: Recorder, storage: AssetStorage, folder: Path
    ) -> tuple[AudioAnalysis, Sequence[Asset]]:
        with SampleReader(folder / SAMPLES, decoded.peak) as reader:
            while len(chunk := await asyncio.to_thread(reader.read, CHUNK_FRAMES)):
                await recorder.keep(chunk, {})
        files = await recorder.files(None)
        return files.analysis, await storage.store(files)

    async def _hear(self, decoded: DecodedAudio, folder: Path) -> Sequence[Note]:
        with SampleReader(folder / SAMPLES, decoded.peak) as reader:
            return await self._transcriber.transcribe(reader.read)

    async def _keep(self, decoded: DecodedAudio, fetched: FetchedBlob, storage: AssetStorage, folder: Path) -> Asset:
        """The fetched file becomes the original as it is."""
        original = await asyncio.to_thread(_original, decoded, fetched, folder)
        return await storage.store_file(AssetKind.ORIGINAL, original)

    async def _finish(self, lease: Lease, upload: Upload, rendition: Rendition, recording: Recording) -> None:
        made = made_of(upload, recording, self._clock.now())
        await self._attempts.finish(lease, rendition, recording, made)
        log.info("upload_processed", job_id=lease.job_id, upload_id=upload.id, track_id=upload.track_id)

    async def _clean_up(self, rendition: Rendition, recorder: Recorder) -> None:
        await recorder.abort()
        await self._attempts.take_back(rendition)


def _original(decoded: DecodedAudio, fetched: FetchedBlob, folder: Path) -> MediaFile:
    """The fetched file under a name that says what it is."""
    name, content_type = ORIGINALS[decoded.container]
    path = (folder / SOURCE).rename(folder / name)
    return MediaFile(path, content_type, fetched.size_bytes, fetched.sha256)


async def _time_of(event: asyncio.Event) -> float:
    await event.wait()
    return time.monotonic()
