"""What a piece is asked to be: wishes as tokens ahead of everything, each of which may be missing. Pure."""

from dataclasses import dataclass
from typing import Any, Final

from triton_models.score.model import Key, Mode
from triton_models.score_language.encoding import tempo_bucket
from triton_models.score_language.music import METERS, Meter
from triton_models.score_language.vocabulary import Vocabulary

TEXT_SIZE: Final = 384  # of a sentence embedding

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
        tonic=None if key is None else Key(key["tonic"], key["mode"]).pitch_class,
        meter=meter,
        wanted=tuple(frozenset(programs[name]) for name in brief["instruments"] if name in programs),
        avoided=tuple(frozenset(programs[name]) for name in brief["excluded_instruments"] if name in programs),
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
