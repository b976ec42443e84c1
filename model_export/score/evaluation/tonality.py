"""Meters of key and harmony over a piece, whose tonic stands at C."""

import numpy as np

from model_export.score import keys
from triton_models.score.model import Mode
from triton_models.score_language import chord_symbols
from triton_models.score_language.grid import Floats
from triton_models.score_language.music import Chord, Note, Piece


def pitch_class_weights(piece: Piece) -> Floats:
    """Summed durations of the pitch classes above the tonic in all melodic tracks, shape [12], in positions."""
    weights = np.zeros(12)
    for bar in piece.bars:
        for part, track in zip(bar.parts, piece.tracks, strict=True):
            if part is not None and not track.is_drum:
                for note in part.notes:
                    weights[note.pitch % 12] += note.duration
    return weights


def heard_key(piece: Piece) -> tuple[int, Mode]:
    """The key that the notes speak for, major or minor, at its real pitch (Krumhansl and Schmuckler, 1990)."""
    tonic, mode = keys.find_key(pitch_class_weights(piece))
    return (tonic + piece.tonic) % 12, mode


def in_key_ratio(piece: Piece) -> float:
    """Share of sounding time whose pitch classes belong to the scale of the mode; 1 for a piece without any pitch.

    "Scale consistency" of Mogren, C-RNN-GAN (2016), for the scale that the piece claims instead of the best one.
    """
    weights = pitch_class_weights(piece)
    total = float(weights.sum())
    return float(weights[sorted(keys.SCALES[piece.mode])].sum()) / total if total else 1.0


def chord_tone_ratio(piece: Piece) -> float | None:
    """Share of melodic notes that belong to the chord under which they begin; None for a piece without chords.

    "Chord tone to non-chord tone ratio" of Yeh et al., Automatic Melody Harmonization (2021), as a share of all
    notes and without their credit for passing notes.
    """
    belonging = counted = 0
    chord: Chord | None = None
    for bar in piece.bars:
        for note, active in _under_chords(piece, bar.chords, chord, bar.parts):
            counted += 1
            belonging += note.pitch % 12 in chord_symbols.tones(active.root, active.quality)
        chord = bar.chords[-1] if bar.chords else chord
    return belonging / counted if counted else None


def _under_chords(
    piece: Piece, chords: tuple[Chord, ...], before: Chord | None, parts: tuple[object, ...]
) -> list[tuple[Note, Chord]]:
    """Every melodic note of a bar with the chord that holds when it begins, if there is one."""
    found = []
    for part, track in zip(parts, piece.tracks, strict=True):
        if part is None or track.is_drum:
            continue
        for note in part.notes:  # type: ignore[attr-defined]
            active = before
            for chord in chords:
                if chord.position <= note.position:
                    active = chord
            if active is not None:
                found.append((note, active))
    return found
