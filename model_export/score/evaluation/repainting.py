"""Whether repainted bars are like what they replace: the same meters over both, bar for bar."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from model_export.score.evaluation.report import Answer
from model_export.score.generation import Generator, Request
from triton_models.score_language.conditioning import Wishes
from triton_models.score_language.music import Piece, Section
from triton_models.score_writer.windows import Taste

GAP: Final = 4  # bars


def excerpt(piece: Piece, bars: range) -> Piece:
    """Some bars of a piece, as one section."""
    return replace(piece, bars=piece.bars[bars.start : bars.stop], sections=(Section("", len(bars)),))


def repainted(generator: Generator, pieces: Sequence[Piece], taste: Taste) -> tuple[list[Answer], list[Answer]]:
    """The middle bars of pieces, written anew between their neighbours, and as they were; short pieces are left out."""
    fresh, before = [], []
    for piece in pieces:
        middle = len(piece.bars) // 2
        gap = range(middle - GAP // 2, middle + GAP // 2)
        if len(piece.bars) >= 3 * GAP:
            painted = generator.repaint(piece, Request(Wishes(), taste=taste), gap)
            fresh.append(Answer(Wishes(), (excerpt(painted, gap),)))
            before.append(Answer(Wishes(), (excerpt(piece, gap),)))
    return fresh, before
