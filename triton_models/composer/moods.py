"""Mood words: how bright (valence) and how active (arousal) they are, and a word for a given character."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Mood:
    """`valence` and `arousal` run from -1 (dark, still) to 1 (bright, wild)."""

    valence: float
    arousal: float


_BRIGHT: Final = (
    ("calm", "peaceful", "warm", "dreamy", "gentle", "relaxing", "tender", "hopeful"),
    ("happy", "uplifting", "bright", "cheerful", "feel good", "optimistic", "sunny", "romantic"),
    ("energetic", "joyful", "euphoric", "exciting", "playful", "triumphant"),
)
_DARK: Final = (
    ("melancholic", "sad", "moody", "mysterious", "nostalgic", "lonely", "dark and calm"),
    ("dramatic", "emotional", "groovy", "serious", "bittersweet", "dark"),
    ("intense", "driving", "aggressive", "powerful", "tense", "epic", "angry"),
)
_AROUSAL: Final = (-0.7, 0.1, 0.8)

MOODS: Final[Mapping[str, Mood]] = MappingProxyType(
    {
        word: Mood(valence, arousal)
        for valence, rows in ((0.7, _BRIGHT), (-0.7, _DARK))
        for arousal, row in zip(_AROUSAL, rows, strict=True)
        for word in row
    }
)

NEUTRAL: Final = Mood(0.0, 0.0)


def mood_words(minor: bool, energy: float) -> tuple[str, ...]:
    """Words that fit a mode and an energy of 0 to 1."""
    rows = _DARK if minor else _BRIGHT
    return rows[0 if energy < 0.4 else 1 if energy < 0.7 else 2]
