"""Everything that is measured about a set of pieces as one row of numbers, and rows side by side as a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from rich.table import Column, Table

from model_export.score.evaluation.adherence import judge
from model_export.score.evaluation.form import (
    empty_bar_rate,
    groove_consistency,
    repetition_rate,
    section_structure,
)
from model_export.score.evaluation.genres import GenreClassifier
from model_export.score.evaluation.novelty import CopyIndex, diversity
from model_export.score.evaluation.tonality import chord_tone_ratio, in_key_ratio
from triton_models.score_language.conditioning import Wishes
from triton_models.score_language.music import Piece

Row = dict[str, float]
ADHERENCE: Final = ("tempo", "meter", "key", "heard key", "genre", "wanted", "avoided")
SURROUNDINGS: Final = ("density", "register", "loudness")  # of repainted bars
_METERS: Final[Mapping[str, Callable[[Piece], float | None]]] = {
    "in key": in_key_ratio,
    "chord tones": chord_tone_ratio,
    "groove consistency": groove_consistency,
    "section structure": section_structure,
    "repeated bars": repetition_rate,
    "empty bars": empty_bar_rate,
}
_ORDER: Final = (*ADHERENCE, *_METERS, "diversity", "copied passages", "perplexity", *SURROUNDINGS)


@dataclass(frozen=True, slots=True)
class Answer:
    """The pieces that were made for one set of wishes, from different seeds."""

    wishes: Wishes
    pieces: tuple[Piece, ...]


def pieces_of(answers: Sequence[Answer]) -> list[Piece]:
    """All of them."""
    return [piece for answer in answers for piece in answer.pieces]


def measure(answers: Sequence[Answer], classifier: GenreClassifier, corpus: CopyIndex | None) -> Row:
    """Means over all pieces, of each meter over those that it can be read from; shares are 0 to 1.

    Adherence counts pieces whose wishes name the matter. Diversity is the mean over wishes with several pieces.
    Without `corpus` nothing is looked up, as for the corpus itself.
    """
    pieces = pieces_of(answers)
    row: Row = {}
    for name, meter in _METERS.items():
        values = [value for value in map(meter, pieces) if value is not None]
        if values:
            row[name] = float(np.mean(values))
    row |= _adherence(answers, classifier)
    several = [diversity(answer.pieces) for answer in answers if len(answer.pieces) > 1]
    if several:
        row["diversity"] = float(np.mean(several))
    if corpus is not None:
        row["copied passages"] = corpus.copied(pieces)
    return row


def _adherence(answers: Sequence[Answer], classifier: GenreClassifier) -> Row:
    verdicts: dict[str, list[bool]] = {name: [] for name in ADHERENCE}
    for answer in answers:
        for piece, genre in zip(answer.pieces, classifier.classify(answer.pieces), strict=True):
            for name, right in judge(piece, answer.wishes, genre).items():
                verdicts[name].append(right)
    return {name: float(np.mean(rows)) for name, rows in verdicts.items() if rows}


def table(rows: Mapping[str, Row]) -> Table:
    """Meters down, sources across; a dash where something was not measured."""
    made = Table(Column("meter", no_wrap=True), *rows)
    for name in _ORDER:
        if any(name in row for row in rows.values()):
            made.add_row(name, *(f"{row[name]:.3f}" if name in row else "–" for row in rows.values()))
    return made
