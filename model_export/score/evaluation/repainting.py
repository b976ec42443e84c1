"""Whether repainted bars can be told from the bars around them: the same meters over both, and a test of chance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from model_export.score.evaluation.form import groove_consistency, repetition_rate
from model_export.score.evaluation.report import SURROUNDINGS, Answer, Row
from model_export.score.evaluation.tonality import chord_tone_ratio, in_key_ratio
from model_export.score.generation import Generator, Request
from triton_models.score_language.conditioning import Wishes
from triton_models.score_language.music import Note, Piece, Section
from triton_models.score_writer.windows import Taste

GAP: Final = 4  # bars
_DRAWS: Final = 9_999


@dataclass(frozen=True, slots=True)
class Repainting:
    """A piece as it was, and with the bars of a gap written anew."""

    before: Piece
    after: Piece
    gap: range

    @property
    def others(self) -> list[Piece]:
        """Every run of as many bars of the piece as it was, side by side with the gap, which is one of them."""
        starts = range(self.gap.start % GAP, len(self.before.bars) - GAP + 1, GAP)
        return [excerpt(self.before, range(start, start + GAP)) for start in starts]


def excerpt(piece: Piece, bars: range) -> Piece:
    """Some bars of a piece, as one section."""
    return replace(piece, bars=piece.bars[bars.start : bars.stop], sections=(Section("", len(bars)),))


def repainted(generator: Generator, pieces: Sequence[Piece], taste: Taste) -> list[Repainting]:
    """The middle bars of pieces, written anew between their neighbours; short pieces are left out."""
    made = []
    for piece in pieces:
        middle = len(piece.bars) // 2
        gap = range(middle - GAP // 2, middle + GAP // 2)
        if len(piece.bars) >= 3 * GAP:
            made.append(Repainting(piece, generator.repaint(piece, Request(Wishes(), taste=taste), gap), gap))
    return made


def answers(made: Sequence[Repainting]) -> tuple[list[Answer], list[Answer]]:
    """The gaps as they are now and as they were, as answers to no wish."""
    fresh = [Answer(Wishes(), (excerpt(each.after, each.gap),)) for each in made]
    return fresh, [Answer(Wishes(), (excerpt(each.before, each.gap),)) for each in made]


def density(piece: Piece) -> float:
    """Notes in a bar, all tracks together."""
    return sum(len(part.notes) for bar in piece.bars for part in bar.parts if part) / len(piece.bars)


def register(piece: Piece) -> float | None:
    """Mean key of all melodic notes; None where there are none."""
    pitches = [note.pitch for note in _melodic(piece)]
    return float(np.mean(pitches)) if pitches else None


def loudness(piece: Piece) -> float | None:
    """Mean level of all parts that play, 0 to 15; None where none does."""
    levels = [part.level for bar in piece.bars for part in bar.parts if part]
    return float(np.mean(levels)) if levels else None


METERS: Final[Mapping[str, Callable[[Piece], float | None]]] = MappingProxyType(
    {
        "in key": in_key_ratio,
        "chord tones": chord_tone_ratio,
        "groove consistency": groove_consistency,
        "repeated bars": repetition_rate,
        "density": density,
        "register": register,
        "loudness": loudness,
    }
)


def measured(pieces: Sequence[Piece]) -> Row:
    """Means of the meters that only bars of the same pieces are compared by."""
    row: Row = {}
    for name in SURROUNDINGS:
        values = [value for value in map(METERS[name], pieces) if value is not None]
        row[name] = float(np.mean(values)) if values else 0.0
    return row


def p_values(made: Sequence[Repainting]) -> Row:
    """By meter, how often chance alone sets the gaps as far apart from the other bars of their pieces as they are."""
    row: Row = {}
    for name, meter in METERS.items():
        groups = [[meter(excerpt(each.after, each.gap)), *map(meter, each.others)] for each in made]
        known = [[value for value in group if value is not None] for group in groups if group[0] is not None]
        if known:
            row[name] = p_value(known)
    return row


def p_value(groups: Sequence[Sequence[float]], draws: int = _DRAWS) -> float:
    """A randomisation test (Fisher, 1935) of whether the first value of each group is any of the group's.

    The statistic is the mean distance of the chosen values from their groups' means, without its sign; chance chooses
    any value of each group instead. The first choice counts among the draws, so that the least is 1 / (draws + 1).
    """
    centred = [np.array(group) - np.mean(group) for group in groups]
    rng = np.random.default_rng(0)
    drawn = np.array([group[rng.integers(len(group), size=draws)] for group in centred])
    found = abs(float(np.mean([group[0] for group in centred])))
    # Means of the same numbers in another order may differ in the last bit.
    return float((1 + (np.abs(drawn.mean(axis=0)) >= found - 1e-12).sum()) / (draws + 1))


def _melodic(piece: Piece) -> list[Note]:
    return [
        note
        for bar in piece.bars
        for part, track in zip(bar.parts, piece.tracks, strict=True)
        if part is not None and not track.is_drum
        for note in part.notes
    ]
