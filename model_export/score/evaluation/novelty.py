"""How different pieces of one brief are, and what was copied from the corpus."""

from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise
from typing import Final

import numpy as np

from triton_models.score_language.music import Bar, Piece

PASSAGE: Final = 8  # bars
_GRAM: Final = 4  # notes

Passage = tuple[tuple[tuple[int, int], ...], ...]


def melodic_grams(piece: Piece) -> frozenset[tuple[int, ...]]:
    """All rows of four notes that follow each other at the top of a melodic track, as intervals and distances.

    Rows, not bars, so that neither key nor bar line matters.
    """
    grams: set[tuple[int, ...]] = set()
    for index, track in enumerate(piece.tracks):
        if track.is_drum:
            continue
        line = _top_line(piece, index)
        for start in range(len(line) - _GRAM + 1):
            row = line[start : start + _GRAM]
            steps = pairwise(row)
            grams.add(tuple(value for one, two in steps for value in (two[1] - one[1], two[0] - one[0])))
    return frozenset(grams)


def diversity(pieces: Sequence[Piece]) -> float:
    """Mean distance between pieces of one brief, 0 (all the same) to 1: one minus Jaccard's index of their rows.

    The distinct n-grams of Li et al., A Diversity-Promoting Objective Function (2016), compared piece by piece.
    Raises ValueError for fewer than two pieces.
    """
    if len(pieces) < 2:
        raise ValueError("diversity needs two pieces")
    grams = list(map(melodic_grams, pieces))
    distances = [1 - len(one & two) / len(one | two) if one or two else 0.0 for one, two in combinations(grams, 2)]
    return float(np.mean(distances))


def passages(piece: Piece) -> list[Passage]:
    """Every run of eight bars as positions and pitches above the tonic, whoever plays them; silent runs left out.

    Eight bars are the length that copies of training data are counted by in Yin et al., Measuring When a Music
    Generation Algorithm Copies Too Much (2022); here only equal notes count, in any key.
    """
    bars = [_outline(bar) for bar in piece.bars]
    runs = [tuple(bars[start : start + PASSAGE]) for start in range(len(bars) - PASSAGE + 1)]
    return [run for run in runs if any(run)]


class CopyIndex:
    """Remembers the passages of a corpus by their hash."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._known = {hash(passage) for piece in pieces for passage in passages(piece)}

    def copied(self, pieces: Iterable[Piece]) -> float:
        """Share of the pieces' passages that the corpus has; 0 where there are none."""
        found = [hash(passage) in self._known for piece in pieces for passage in passages(piece)]
        return sum(found) / len(found) if found else 0.0


def _outline(bar: Bar) -> tuple[tuple[int, int], ...]:
    return tuple(sorted({(note.position, note.pitch) for part in bar.parts if part for note in part.notes}))


def _top_line(piece: Piece, track: int) -> list[tuple[int, int]]:
    """Positions from the start and pitches of the highest notes of a track."""
    tops: dict[int, int] = {}
    for number, bar in enumerate(piece.bars):
        part = bar.parts[track]
        for note in part.notes if part else ():
            place = number * piece.meter.positions + note.position
            tops[place] = max(tops.get(place, 0), note.pitch)
    return sorted(tops.items())
