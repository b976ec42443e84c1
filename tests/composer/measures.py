"""Measurements on scores that the composer's tests share; none of them uses the composer's own code."""

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triton_models.score.model import Key, Note, Score, Section, Track

# Krumhansl and Kessler (1982)
MAJOR_PROFILE: Final = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
MINOR_PROFILE: Final = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])

NATURAL_SCALES: Final[dict[str, tuple[int, ...]]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10, 11),  # the leading tone belongs to the key
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "harmonic_minor": (0, 2, 3, 5, 7, 8, 11),
}


def pitch_class_durations(score: Score) -> NDArray[np.float64]:
    durations = np.zeros(12)
    for track in score.tracks:
        if not track.is_drum:
            for note in track.notes:
                durations[note.pitch % 12] += note.duration
    return durations


def estimated_key(score: Score) -> tuple[int, bool]:
    """Pitch class of the tonic and whether the key is minor, by Krumhansl and Schmuckler."""
    durations = pitch_class_durations(score)
    fits = [
        (float(np.corrcoef(durations, np.roll(profile, tonic))[0, 1]), tonic, minor)
        for profile, minor in ((MAJOR_PROFILE, False), (MINOR_PROFILE, True))
        for tonic in range(12)
    ]
    _, tonic, minor = max(fits)
    return tonic, minor


def share_in_key(notes: tuple[Note, ...], key: Key) -> float:
    scale = {(key.pitch_class + step) % 12 for step in NATURAL_SCALES[key.mode]}
    return sum(note.pitch % 12 in scale for note in notes) / len(notes)


def tracks_of(score: Score, role: str) -> list[Track]:
    return [track for track in score.tracks if track.role == role]


def notes_in(track: Track, section: Section) -> list[Note]:
    """Notes of a section; human timing may place its first note a little early."""
    return [note for note in track.notes if section.start - 0.06 <= note.start < section.end - 0.06]


def bar_quarters(score: Score) -> float:
    meter = score.meter_map[0]
    return meter.numerator * 4 / meter.denominator


def last_sound(score: Score) -> float:
    return max(note.end for track in score.tracks for note in track.notes)


def overlapping_pitches(track: Track) -> list[tuple[Note, Note]]:
    """Pairs of notes of one pitch where the second starts before the first has ended."""
    by_pitch: dict[int, list[Note]] = {}
    for note in track.notes:
        by_pitch.setdefault(note.pitch, []).append(note)
    return [
        (first, second)
        for notes in by_pitch.values()
        for first, second in pairwise(notes)
        if second.start < first.end - 1e-6
    ]
