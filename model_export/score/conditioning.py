"""What a piece is asked to be: wishes as tokens ahead of everything, each of which may be missing. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from model_export.score.documents import pitch_class
from model_export.score.encoding import kit_of, tempo_bucket
from model_export.score.music import METERS, Meter, Mode, Piece, Track
from model_export.score.vocabulary import Vocabulary

TEXT_SIZE: Final = 384  # of a sentence embedding
_ALL_DROPPED: Final = 0.1  # share of examples without any wish, for guidance
_DROPPED: Final = 0.35  # share in which one wish is missing
_TEXT_DROPPED: Final = 0.3
_MOST_NAMED: Final = 3

# (program, is_drum): what an instrument is to the model
Instrument = tuple[int, bool]


@dataclass(frozen=True, slots=True)
class Wishes:
    """None and empty stand for anything; `text` says whether a description in words goes with it.

    `bpm` counts beats of the meter, whichever it will be. `wanted` and `avoided` are alternatives each: one of the
    programs of an entry has to play, or none of them may.
    """

    genre: str | None = None
    mood: str | None = None
    bpm: float | None = None
    mode: Mode | None = None
    tonic: int | None = None
    meter: Meter | None = None
    wanted: tuple[frozenset[Instrument], ...] = ()
    avoided: tuple[frozenset[Instrument], ...] = ()
    text: bool = False


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


def wishes_of_brief(brief: dict[str, Any], programs: dict[str, tuple[Instrument, ...]]) -> Wishes:
    """The wishes of a cadenza.brief/1; `programs` tells what its names of instruments stand for.

    Names that `programs` does not know, and meters that the model does not know, are no wishes.
    """
    meter = next((meter for meter in METERS if str(meter) == brief["meter"]), None)
    key = brief["key"]
    return Wishes(
        genre=brief["genre"],
        mood=brief["mood"],
        bpm=brief["bpm"],
        mode=None if key is None else key["mode"],
        tonic=None if key is None else pitch_class(key["tonic"]),
        meter=meter,
        wanted=tuple(frozenset(programs[name]) for name in brief["instruments"] if name in programs),
        avoided=tuple(frozenset(programs[name]) for name in brief["excluded_instruments"] if name in programs),
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


def prefix_tokens(wishes: Wishes, task: str, vocabulary: Vocabulary) -> list[int]:
    """`Text`, the task, and a token for each wish; of alternative programs the lowest stands for all.

    The embedding of a description is added to the first token by the model. What the vocabulary does not know is no
    wish.
    """
    tokens = [vocabulary.id("Text"), vocabulary.id("Task", task)]
    simple: tuple[tuple[str, object | None], ...] = (
        ("Genre", wishes.genre),
        ("Mood", wishes.mood),
        ("Meter", wishes.meter),
        ("Mode", wishes.mode),
        ("Tonic", wishes.tonic),
        ("Tempo", None if wishes.bpm is None else tempo_bucket(wishes.bpm)),
    )
    tokens += [vocabulary.id(kind, value) for kind, value in simple if vocabulary.known(kind, value)]
    for kind, choices in (("Want", wishes.wanted), ("Avoid", wishes.avoided)):
        for alternatives in choices:
            program, is_drum = min(alternatives)
            tokens += (vocabulary.id(kind), vocabulary.id("Kit" if is_drum else "Program", program))
    return tokens


def _some(instruments: Sequence[Instrument], rng: np.random.Generator) -> tuple[frozenset[Instrument], ...]:
    """None of them half of the time, otherwise one to three."""
    if not instruments or rng.random() < 0.5:
        return ()
    count = min(len(instruments), int(rng.integers(1, _MOST_NAMED + 1)))
    return tuple(frozenset({instruments[index]}) for index in rng.choice(len(instruments), count, replace=False))
