"""Music whose notes are known, models that need no server, and how well found notes fit true ones."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnxruntime

import triton_models
from domain.kit.audio.media import SEGMENT_RATE, Audio
from domain.kit.audio.note_model import PITCHES, WINDOW_FRAMES, NoteLikelihoods, NoteModel, Windows, checked_windows
from domain.kit.audio.notes import Note
from domain.transcription.services.transcribe import Transcriber
from tests.media.scoring import Score, score

# As the field counts it (MIREX, note tracking by onset only).
ONSET_TOLERANCE = 0.05
PARTIALS = 6
MODEL = Path(triton_models.__file__).parent / "note_transcription" / "1" / "model.onnx"


class LocalModel:
    """`NoteModel` on the committed graph in this process."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(MODEL), options, providers=["CPUExecutionProvider"])

    async def likelihoods(self, windows: Windows) -> NoteLikelihoods:
        onsets, notes = self._session.run(["onset", "note"], {"audio": checked_windows(windows)[:, :, None]})
        return NoteLikelihoods(onsets, notes)


class DeafModel:
    """`NoteModel` that hears nothing, and counts."""

    def __init__(self) -> None:
        self.windows = 0

    async def likelihoods(self, windows: Windows) -> NoteLikelihoods:
        self.windows += len(checked_windows(windows))
        nothing = np.zeros((len(windows), WINDOW_FRAMES, PITCHES), dtype=np.float32)
        return NoteLikelihoods(nothing, nothing)


class SilentMeter:
    def heard(self, audio_seconds: float, seconds: float, notes: int) -> None:
        """Counted by nobody."""


def reader(audio: Audio) -> Callable[[int], Audio]:
    """Reads it piece by piece."""
    place = 0

    def read(frames: int) -> Audio:
        nonlocal place
        piece = audio[place : place + frames]
        place += len(piece)
        return piece

    return read


async def transcribed(audio: Audio, model: NoteModel) -> Sequence[Note]:
    return await Transcriber(model, SilentMeter()).transcribe(reader(audio))


def sounding(notes: Sequence[Note], seconds: float, partials: int = PARTIALS) -> Audio:
    """Struck strings, more or less: partials that fade, over the left and right."""
    mono = np.zeros(round(seconds * SEGMENT_RATE))
    for note in notes:
        begin, end = round(note.start_seconds * SEGMENT_RATE), round(note.end_seconds * SEGMENT_RATE)
        time = np.arange(end - begin) / SEGMENT_RATE
        hertz = 440.0 * 2.0 ** ((note.pitch - 69) / 12)
        wave = sum(np.sin(2 * np.pi * hertz * number * time) / number**1.5 for number in range(1, partials + 1))
        shape = np.minimum(1.0, time / 0.005) * np.exp(-1.5 * time) * np.minimum(1.0, (time[-1] - time) / 0.02)
        mono[begin:end] += shape * wave
    mono *= 0.5 / np.abs(mono).max()
    audio: Audio = np.stack([mono, 0.8 * mono], axis=1).astype(np.float32)
    return audio


def melody() -> list[Note]:
    """Two bars up and down a scale, each pitch twice on the way."""
    pitches = [60, 62, 64, 65, 67, 67, 69, 71, 72, 71, 69, 67, 65, 64, 62, 60]
    return [Note(0.5 + 0.4 * at, 0.5 + 0.4 * at + 0.36, pitch, 1.0) for at, pitch in enumerate(pitches)]


def chords() -> list[Note]:
    """Four triads over their basses, a second each."""
    voicings = ((45, 57, 60, 64), (41, 57, 60, 65), (48, 55, 60, 64), (43, 55, 59, 62))
    return [Note(0.5 + at, 0.5 + at + 0.9, pitch, 1.0) for at, chord in enumerate(voicings) for pitch in chord]


def onsets_score(found: Sequence[Note], true: Sequence[Note]) -> Score:
    """Notes with the same pitch that begin within 50 ms of each other."""
    pitches = {note.pitch for note in (*found, *true)}
    return sum((score(*_starts(found, true, pitch), ONSET_TOLERANCE) for pitch in pitches), Score(0, 0, 0))


def _starts(found: Sequence[Note], true: Sequence[Note], pitch: int) -> tuple[list[float], list[float]]:
    first, second = (sorted(note.start_seconds for note in notes if note.pitch == pitch) for notes in (found, true))
    return first, second
