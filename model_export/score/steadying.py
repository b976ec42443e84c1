"""Takes the chance out of performances: a bar played almost as an earlier one becomes that bar. For corpora only."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from triton_models.score_language import grid
from triton_models.score_language.music import Bar, Note, Part, Piece, counterpart
from triton_models.score_language.vocabulary import DISTANCES

_POSITIONS: Final = 1
_DURATIONS: Final = 2  # steps of the grid's durations
_ACCENTS: Final = 1
_LEVELS: Final = 1
_RANK: Final = {duration: index for index, duration in enumerate(grid.DURATIONS)}


def steady(piece: Piece) -> Piece:
    """The piece with every part that deviates by chance only from an earlier one equal to it.

    Earlier ones are those 1, 2, 4 or 8 bars ago, and that at the same place in the first occurrence of the section.
    Chance is one position, two steps of duration and one of accent at most, with the same pitches. A loudness one
    step from that of the bar before stays as it was.
    """
    earlier = [_earlier(piece, number) for number in range(len(piece.bars))]
    columns = [_steady_track([bar.parts[index] for bar in piece.bars], earlier) for index in range(len(piece.tracks))]
    bars = tuple(Bar(bar.chords, tuple(column[index] for column in columns)) for index, bar in enumerate(piece.bars))
    return replace(piece, bars=bars)


def _earlier(piece: Piece, number: int) -> list[int]:
    """Bars that a bar is compared with, in this order."""
    near = [number - distance for distance in DISTANCES if distance <= number]
    recalled = counterpart(piece.sections, number)
    return near if recalled is None else [*near, recalled]


def _steady_track(parts: Sequence[Part | None], earlier: Sequence[Sequence[int]]) -> list[Part | None]:
    steadied: list[Part | None] = []
    level = -1
    for index, part in enumerate(parts):
        if part is None:
            steadied.append(None)
            continue
        level = level if abs(part.level - level) <= _LEVELS else part.level
        steadied.append(Part(level, _as_before(part.notes, [steadied[other] for other in earlier[index]])))
    return steadied


def _as_before(notes: tuple[Note, ...], earlier: Iterable[Part | None]) -> tuple[Note, ...]:
    alike = (part.notes for part in earlier if part is not None and _alike(notes, part.notes))
    return next(alike, notes)


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
