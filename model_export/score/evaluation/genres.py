"""An independent judge of genre: a linear classifier of what is heard, trained on the corpus. Sees no tokens."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from model_export.score.keys import MINOR_MODES
from triton_models.score.model import ROLES
from triton_models.score_language.grid import PER_QUARTER, Floats
from triton_models.score_language.music import METERS, Piece

_DRUM_KEYS: Final = range(35, 60)
_SIXTEENTH: Final = PER_QUARTER // 4
_STEPS: Final = 16
_ROUNDS: Final = 400
_RATE: Final = 0.5
_DECAY: Final = 1e-4


def features(piece: Piece) -> Floats:
    """Numbers from about 0 to 1: programs by role, onsets by sixteenth, pitch classes, tempo, meter, density, mode.

    All of them are what is heard or notated; the genre that a piece claims is none of them.
    """
    programs = np.zeros((len(ROLES), 128))
    for track in piece.tracks:
        programs[ROLES.index(track.role), track.program] = 1.0
    drums = np.zeros((len(_DRUM_KEYS), _STEPS))
    onsets = np.zeros(_STEPS)
    classes = np.zeros(12)
    notes = 0
    for bar in piece.bars:
        for part, track in zip(bar.parts, piece.tracks, strict=True):
            for note in part.notes if part else ():
                step = min(_STEPS - 1, note.position // _SIXTEENTH)
                notes += 1
                if track.is_drum and note.pitch in _DRUM_KEYS:
                    drums[note.pitch - _DRUM_KEYS.start, step] += 1
                elif not track.is_drum:
                    onsets[step] += 1
                    classes[note.pitch % 12] += note.duration
    tempo = np.exp(-(((np.log2(piece.qpm / 30) - np.linspace(0, 3.5, 15)) / 0.25) ** 2))
    meter = np.array([float(piece.meter == known) for known in METERS])
    bars = max(1, len(piece.bars))
    density = np.array([min(4.0, notes / bars / 32)])
    minor = np.array([float(piece.mode in MINOR_MODES)])
    rows = (programs.ravel(), np.minimum(1, drums / bars).ravel(), _shares(onsets), _shares(classes))
    return np.concatenate([*rows, tempo, meter, density, minor])


def _shares(counts: Floats) -> Floats:
    return np.asarray(counts / max(1e-9, float(counts.sum())), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class GenreClassifier:
    """Multinomial logistic regression; `weights` are [features, genres], `offsets` [genres]."""

    genres: tuple[str, ...]
    mean: Floats
    spread: Floats
    weights: Floats
    offsets: Floats

    def classify(self, pieces: Sequence[Piece]) -> list[str]:
        """The likeliest genre of each piece."""
        rows = (np.array([features(piece) for piece in pieces]) - self.mean) / self.spread
        return [self.genres[index] for index in (rows @ self.weights + self.offsets).argmax(axis=1)]

    def accuracy(self, pieces: Sequence[Piece]) -> float:
        """Share of pieces whose own genre is found; those without one are left out."""
        known = [piece for piece in pieces if piece.genre in self.genres]
        found = self.classify(known)
        return float(np.mean([piece.genre == genre for piece, genre in zip(known, found, strict=True)]))


def train(pieces: Iterable[Piece]) -> GenreClassifier:
    """By gradient descent with momentum over all pieces at once; equal pieces give equal weights.

    Raises ValueError where no piece has a genre.
    """
    known = [(features(piece), piece.genre) for piece in pieces if piece.genre]
    genres = tuple(sorted({genre for _, genre in known}))
    if not genres:
        raise ValueError("no piece has a genre")
    rows = np.array([row for row, _ in known])
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 0.05
    rows = (rows - mean) / spread
    goals = np.eye(len(genres))[[genres.index(genre) for _, genre in known]]
    weights, offsets = np.zeros((rows.shape[1], len(genres))), np.zeros(len(genres))
    speed, drift = np.zeros_like(weights), np.zeros_like(offsets)
    for _ in range(_ROUNDS):
        scores = rows @ weights + offsets
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        error = (shares / shares.sum(axis=1, keepdims=True) - goals) / len(rows)
        speed = 0.9 * speed - _RATE * (rows.T @ error / 10 + _DECAY * weights)
        drift = 0.9 * drift - _RATE * error.sum(axis=0)
        weights, offsets = weights + speed, offsets + drift
    return GenreClassifier(genres, mean, spread, weights, offsets)
