"""Takes the chance out of performances: a bar played almost as an earlier one becomes that bar. For corpora only."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from triton_models.score_language import grid
from triton_models.score_language.music import Bar, Note, Part, Piece
from triton_models.score_language.vocabulary import DISTANCES

_POSITIONS: Final = 1
_DURATIONS: Final = 2  # steps of the grid's durations
_ACCENTS: Final = 1
_LEVELS: Final = 1
_RANK: Final = {duration: index for index, duration in enumerate(grid.DURATIONS)}


def steady(piece: Piece) -> Piece:
    """The piece with every part that deviates by chance only from its bar 1, 2, 4 or 8 bars ago equal to it.

    Chance is one position, two steps of duration and one of accent at most, with the same pitches. A loudness one
    step from that of the bar before stays as it was.
    """
    columns = [_steady_track([bar.parts[index] for bar in piece.bars]) for index in range(len(piece.tracks))]
    bars = tuple(Bar(bar.chords, tuple(column[index] for column in columns)) for index, bar in enumerate(piece.bars))
    return replace(piece, bars=bars)


def _steady_track(parts: Sequence[Part | None]) -> list[Part | None]:
    steadied: list[Part | None] = []
    level = -1
    for index, part in enumerate(parts):
        if part is None:
            steadied.append(None)
            continue
        level = level if abs(part.level - level) <= _LEVELS else part.level
        steadied.append(Part(level, _as_before(part.notes, index, steadied)))
    return steadied


def _as_before(notes: tuple[Note, ...], index: int, before: Sequence[Part | None]) -> tuple[Note, ...]:
    for distance in DISTANCES:
        earlier = before[index - distance] if distance <= index else None
        if earlier is not None and _alike(notes, earlier.notes):
            return earlier.notes
    return notes


def _alike(some: tuple[Note, ...], others: tuple[Note, ...]) -> bool:
    return len(some) == len(others) and all(map(_near, _by_pitch(some), _by_pitch(others)))


def _by_pitch(notes: tuple[Note, ...]) -> list[Note]:
    return sorted(notes, key=lambda note: (note.pitch, note.position))


def _near(one: Note, other: Note) -> bool:
    return (
        one.pitch == other.pitch
        and abs(one.position - other.position) <= _POSITIONS
        and abs(_RANK[one.duration] - _RANK[other.duration]) <= _DURATIONS
        and abs(one.accent - other.accent) <= _ACCENTS
    )
