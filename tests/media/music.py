"""Small pieces of music from numpy alone: chords with partials over a kit of clicks, at a known tempo and key."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.kit.audio.media import Audio, TrackTags

SAMPLE_RATE = 44_100
TAGS = TrackTags(
    title="Rain on the Window",
    artist="Cadenza",
    genre="lofi hip hop",
    bpm=82.5,
    key="A minor",
    comment="made in a test",
    date="2026-11-01",
    model="composer/1",
    seed=7,
    licence="CC0-1.0",
)

_PROGRESSIONS = {
    "major": ((0, 4, 7), (5, 9, 0), (7, 11, 2), (0, 4, 7)),
    "minor": ((0, 3, 7), (5, 8, 0), (7, 10, 2), (0, 3, 7)),
}

Mono = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Piece:
    """What to play: `tonic` is a pitch class, `cents` the deviation from A = 440 Hz."""

    bpm: float = 120.0
    tonic: int = 9
    mode: str = "minor"
    seconds: float = 12.0
    cents: float = 0.0
    drums: bool = True


def played(piece: Piece) -> Audio:
    """Stereo audio of a piece, peaks near 0.8."""
    frames = round(piece.seconds * SAMPLE_RATE)
    mono = _chords(piece, frames)
    if piece.drums:
        mono = mono + _clicks(piece, frames)
    mono *= 0.8 / np.abs(mono).max()
    audio: Audio = np.stack([mono, 0.9 * mono], axis=1).astype(np.float32)
    return audio


def _chords(piece: Piece, frames: int) -> Mono:
    bar = round(4 * 60 / piece.bpm * SAMPLE_RATE)
    progression = _PROGRESSIONS[piece.mode]
    mono = np.zeros(frames)
    count = -(-frames // bar)
    for index in range(count):
        chord = progression[index % len(progression)] if index < count - 1 else progression[0]
        start, stop = index * bar, min(frames, (index + 1) * bar)
        for pitch in chord:
            mono[start:stop] += _tone(48 + (piece.tonic + pitch) % 12, piece.cents, stop - start)
        mono[start:stop] += 1.5 * _tone(36 + (piece.tonic + chord[0]) % 12, piece.cents, stop - start)
    return 0.15 * mono


def _tone(note: int, cents: float, frames: int) -> Mono:
    time = np.arange(frames) / SAMPLE_RATE
    hertz = 440.0 * 2.0 ** ((note - 69 + cents / 100) / 12)
    partials = sum((np.sin(2 * np.pi * hertz * k * time) / k for k in range(1, 6)), np.zeros(frames))
    tone: Mono = partials * np.exp(-1.2 * time) * np.minimum(1.0, time * 200)
    return tone


def _clicks(piece: Piece, frames: int) -> Mono:
    """A thud on every beat, a brighter one on the second and fourth, a soft tick between."""
    random = np.random.default_rng(3)
    mono = np.zeros(frames)
    for eighth in range(int(piece.seconds * piece.bpm / 30) + 1):
        start = round(eighth * 30 / piece.bpm * SAMPLE_RATE)
        length = min(4_000, frames - start)
        if length <= 0:
            break
        strength = 0.15 if eighth % 2 else (0.9 if eighth % 4 == 2 else 0.7)
        decay = np.exp(-np.arange(length) / (300 if eighth % 2 else 900))
        mono[start : start + length] += strength * random.standard_normal(length) * decay
    return mono


def chunks(audio: Audio, frames: int = 2 * SAMPLE_RATE) -> list[Audio]:
    """The audio in pieces of `frames`; the last may be shorter."""
    return [audio[start : start + frames] for start in range(0, len(audio), frames)]
