"""Finding the notes of a recording that is read piece by piece."""

import asyncio
import time
from collections.abc import Callable, Sequence

from domain.kit.audio.media import SEGMENT_RATE, Audio
from domain.kit.audio.note_model import NoteLikelihoods, NoteModel, Windows
from domain.kit.audio.notes import Note
from domain.transcription.meter import TranscriptionMeter
from domain.transcription.model import surest
from domain.transcription.tracing import NoteTracer
from domain.transcription.windows import WindowCutter, kept_frames

PIECE_FRAMES = 8 * SEGMENT_RATE

Read = Callable[[int], Audio]


class Transcriber:
    """Holds a piece of sound and half a minute of likelihoods, however long the recording is."""

    def __init__(self, model: NoteModel, meter: TranscriptionMeter) -> None:
        self._model = model
        self._meter = meter

    async def transcribe(self, read: Read) -> Sequence[Note]:
        """`read` blocks and gives the next so many frames, [frames, 2] at 44.1 kHz, fewer at the end, then none.

        Raises `DependencyUnavailable`.
        """
        started, frames = time.monotonic(), 0
        cutter, tracer = WindowCutter(), _Tracing()
        while len(piece := await asyncio.to_thread(read, PIECE_FRAMES)):
            frames += len(piece)
            await self._hear(await asyncio.to_thread(cutter.push, piece), tracer)
        await self._hear(await asyncio.to_thread(cutter.finish), tracer)
        notes = surest(await asyncio.to_thread(tracer.finish, cutter.frames))
        self._meter.heard(frames / SEGMENT_RATE, time.monotonic() - started, len(notes))
        return notes

    async def _hear(self, batches: Sequence[Windows], tracer: "_Tracing") -> None:
        for windows in batches:
            await asyncio.to_thread(tracer.push, await self._model.likelihoods(windows))


class _Tracing:
    """Keeps the last likelihoods back until it is known where the recording ends."""

    def __init__(self) -> None:
        self._tracer = NoteTracer()
        self._last: NoteLikelihoods | None = None
        self._traced = 0

    def push(self, heard: NoteLikelihoods) -> None:
        if self._last is not None:
            onsets, notes = kept_frames(self._last.onsets), kept_frames(self._last.notes)
            self._tracer.push(onsets, notes)
            self._traced += len(notes)
        self._last = heard

    def finish(self, frames: int) -> Sequence[Note]:
        """Of a recording of so many frames."""
        if self._last is not None:
            left = frames - self._traced
            self._tracer.push(kept_frames(self._last.onsets)[:left], kept_frames(self._last.notes)[:left])
        return self._tracer.finish()
