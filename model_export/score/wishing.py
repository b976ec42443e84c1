"""Wishes that training makes up: what a piece fulfils, with some of it left out, so that partial briefs are natural."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from triton_models.score_language.conditioning import Instrument, Wishes
from triton_models.score_language.encoding import kit_of
from triton_models.score_language.music import Piece, Track

_ALL_DROPPED: Final = 0.1  # share of examples without any wish, for guidance
_DROPPED: Final = 0.35  # share in which one wish is missing
_TEXT_DROPPED: Final = 0.3
_MOST_NAMED: Final = 3


def instrument(track: Track) -> Instrument:
    """Of a track: kits by their group."""
    return (kit_of(track.program) if track.is_drum else track.program, track.is_drum)


def wishes_of_piece(piece: Piece, rng: np.random.Generator, others: Sequence[Instrument]) -> Wishes:
    """Wishes that a piece fulfils: its facts, some of its instruments, and some of `others` that it does without."""
    own = sorted({instrument(track) for track in piece.tracks})
    absent = [other for other in others if other not in own]
    return Wishes(
        genre=piece.genre,
        mood=piece.mood,
        bpm=piece.bpm,
        mode=piece.mode,
        tonic=piece.tonic,
        meter=piece.meter,
        wanted=_some(own, rng),
        avoided=_some(absent, rng),
        text=bool(piece.text),
    )


def with_drops(wishes: Wishes, rng: np.random.Generator) -> Wishes:
    """Some wishes taken away at random, each by itself and now and then all of them."""
    if rng.random() < _ALL_DROPPED:
        return Wishes()
    gone = rng.random(6) < _DROPPED
    return replace(
        wishes,
        genre=None if gone[0] else wishes.genre,
        mood=None if gone[1] else wishes.mood,
        bpm=None if gone[2] else wishes.bpm,
        mode=None if gone[3] else wishes.mode,
        tonic=None if gone[4] else wishes.tonic,
        meter=None if gone[5] else wishes.meter,
        text=wishes.text and rng.random() >= _TEXT_DROPPED,
    )


def _some(instruments: Sequence[Instrument], rng: np.random.Generator) -> tuple[frozenset[Instrument], ...]:
    """None of them half of the time, otherwise one to three."""
    if not instruments or rng.random() < 0.5:
        return ()
    count = min(len(instruments), int(rng.integers(1, _MOST_NAMED + 1)))
    return tuple(frozenset({instruments[index]}) for index in rng.choice(len(instruments), count, replace=False))
