"""Performed notes to parts on the grid, bar by bar, and back to beats."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from triton_models.score_language import grid
from triton_models.score_language.music import Note, Part, Track

_HIGHEST: Final = 127


class Played(NamedTuple):
    """A note as performed: quarter-note beats from the start, MIDI pitch and velocity."""

    start: float
    duration: float
    pitch: int
    velocity: int


class _Placed(NamedTuple):
    start: int
    pitch: int
    duration: int
    velocity: int


def fold(pitch: int) -> int:
    """A pitch that transposition moved out of 0 to 127, brought back by an octave."""
    return pitch + 12 if pitch < 0 else pitch - 12 if pitch > _HIGHEST else pitch


def quantise(notes: Sequence[Played], track: Track, bar: int, count: int, shift: int) -> tuple[Part | None, ...]:
    """What a track plays in each of `count` bars of `bar` positions, `shift` semitones lower.

    Of notes that fall on one place with one pitch the loudest stays. Notes end where their pitch starts again. What
    starts after the last bar is left out.
    """
    rows: list[list[_Placed]] = [[] for _ in range(count)]
    placed = _place(notes, track.is_drum, 0 if track.is_drum else shift)
    for note in _cut(placed, track.is_drum):
        if note.start < count * bar:
            rows[note.start // bar].append(note)
    return tuple(_part(row, bar) for row in rows)


def perform(parts: Iterable[Part | None], track: Track, bar: int, shift: int) -> list[Played]:
    """The notes of a track in beats and at their real pitch, in ascending order."""
    up = 0 if track.is_drum else shift
    return [
        Played(
            (index * bar + note.position) / grid.PER_QUARTER,
            note.duration / grid.PER_QUARTER,
            fold(note.pitch + up),
            grid.velocity(part.level, note.accent),
        )
        for index, part in enumerate(parts)
        if part is not None
        for note in part.notes
    ]


def _place(notes: Sequence[Played], is_drum: bool, shift: int) -> list[_Placed]:
    if not notes:
        return []
    starts = grid.positions(np.array([note.start for note in notes]))
    lengths = grid.durations(np.array([note.duration for note in notes]))
    if is_drum:
        lengths = np.full(len(notes), grid.DRUM_DURATION)
    return [
        _Placed(start, fold(note.pitch - shift), length, note.velocity)
        for start, length, note in zip(starts.tolist(), lengths.tolist(), notes, strict=True)
    ]


def _cut(notes: Iterable[_Placed], is_drum: bool) -> list[_Placed]:
    """By start and pitch, without doubles; a drum keeps its duration even where it starts again."""
    loudest: dict[tuple[int, int], _Placed] = {}
    for note in notes:
        place = (note.start, note.pitch)
        if place not in loudest or (note.velocity, note.duration) > (loudest[place].velocity, loudest[place].duration):
            loudest[place] = note
    following: dict[int, int] = {}
    kept: list[_Placed] = []
    for (start, pitch), note in sorted(loudest.items(), reverse=True):
        limit = note.duration if is_drum else following.get(pitch, start + note.duration) - start
        kept.append(note._replace(duration=grid.duration_within(note.duration, limit)))
        following[pitch] = start
    kept.reverse()
    return kept


def _part(row: Sequence[_Placed], bar: int) -> Part | None:
    if not row:
        return None
    velocities = np.array([note.velocity for note in row])
    level = grid.level_of(velocities)
    accents = grid.accents(velocities, level).tolist()
    return Part(
        level,
        tuple(
            Note(note.start % bar, note.pitch, note.duration, accent) for note, accent in zip(row, accents, strict=True)
        ),
    )
