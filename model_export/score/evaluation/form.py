"""Meters of groove, form and repetition, over what is played in the bars of a piece."""

from itertools import pairwise

import numpy as np

from triton_models.score_language.music import Bar, Piece, section_starts

Content = frozenset[tuple[int, int, int]]


def content(bar: Bar) -> Content:
    """What begins in a bar: track, position and pitch of every note."""
    return frozenset(
        (index, note.position, note.pitch)
        for index, part in enumerate(bar.parts)
        if part is not None
        for note in part.notes
    )


def groove_consistency(piece: Piece) -> float:
    """Mean likeness of the onset patterns of neighbouring bars, 0 to 1; 1 for a piece of one bar.

    One minus the share of positions at which one bar has an onset and the other has not: "grooving pattern
    similarity" of Wu and Yang, The Jazz Transformer on the Front Line (2020), on twelve positions a quarter.
    """
    patterns = []
    for bar in piece.bars:
        pattern = np.zeros(piece.meter.positions, dtype=np.bool_)
        pattern[[position for _, position, _ in content(bar)]] = True
        patterns.append(pattern)
    return float(np.mean([1 - (one ^ two).mean() for one, two in pairwise(patterns)])) if len(patterns) > 1 else 1.0


def likeness(one: Content, two: Content) -> float:
    """Jaccard's index of two bars; two empty bars are alike."""
    return len(one & two) / len(one | two) if one or two else 1.0


def section_structure(piece: Piece) -> float | None:
    """How much more bars of sections with one name are alike than bars of sections with different ones, -1 to 1.

    The mean likeness at equal offsets in later and first occurrences, less that at equal offsets in neighbouring
    sections of different names: the block contrast of a self-similarity matrix (Foote, 1999), read along the form.
    None where no section comes again, or none differs.
    """
    bars = [content(bar) for bar in piece.bars]
    starts = section_starts(piece.sections)
    same: list[float] = []
    different: list[float] = []
    for index, section in enumerate(piece.sections):
        for earlier in range(index):
            other = piece.sections[earlier]
            pairs = [
                likeness(bars[starts[index] + offset], bars[starts[earlier] + offset])
                for offset in range(min(section.bars, other.bars))
                if starts[index] + offset < len(bars)
            ]
            if section.name == other.name:
                same += pairs
            elif earlier == index - 1:
                different += pairs
    return float(np.mean(same) - np.mean(different)) if same and different else None


def repetition_rate(piece: Piece) -> float:
    """Share of bars, silent ones aside, that are equal to an earlier bar note for note."""
    seen: set[Content] = set()
    repeated = counted = 0
    for bar in map(content, piece.bars):
        if bar:
            counted += 1
            repeated += bar in seen
            seen.add(bar)
    return repeated / counted if counted else 0.0


def empty_bar_rate(piece: Piece) -> float:
    """Share of bars in which nothing begins: MuseGAN's "empty bars" (Dong et al., 2018) over all tracks together."""
    return sum(not content(bar) for bar in piece.bars) / len(piece.bars) if piece.bars else 0.0
