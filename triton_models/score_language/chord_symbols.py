"""Chord symbols such as `Ebmaj7`: reading them as root and quality, spelling them, and the tones that they name."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

QUALITIES: Final[Mapping[str, tuple[int, ...]]] = MappingProxyType(
    {
        "": (0, 4, 7),
        "m": (0, 3, 7),
        "dim": (0, 3, 6),
        "aug": (0, 4, 8),
        "sus4": (0, 5, 7),
        "sus2": (0, 2, 7),
        "6": (0, 4, 7, 9),
        "m6": (0, 3, 7, 9),
        "7": (0, 4, 7, 10),
        "maj7": (0, 4, 7, 11),
        "m7": (0, 3, 7, 10),
        "m(maj7)": (0, 3, 7, 11),
        "m7b5": (0, 3, 6, 10),
        "dim7": (0, 3, 6, 9),
        "maj7#5": (0, 4, 8, 11),
        "7#5": (0, 4, 8, 10),
        "9": (0, 4, 7, 10, 2),
        "maj9": (0, 4, 7, 11, 2),
        "m9": (0, 3, 7, 10, 2),
    }
)
_SYMBOL: Final = re.compile(r"([A-G])([#b]?)([^/]*)")
_LETTERS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS: Final = {"": 0, "#": 1, "b": -1}
_SHARPS: Final = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLATS: Final = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_SHARP_KEYS: Final = frozenset({2, 4, 6, 7, 9, 11})


def read(symbol: str) -> tuple[int, str] | None:
    """Root pitch class and quality; the nearest simpler quality where this one is not known, None for no chord."""
    match = _SYMBOL.match(symbol)
    if match is None:
        return None
    letter, sign, suffix = match.groups()
    return (_LETTERS[letter] + _SIGNS[sign]) % 12, _known(suffix)


def _known(suffix: str) -> str:
    """The longest quality that the suffix begins with; `maj` alone is a major chord."""
    fitting = [quality for quality in QUALITIES if suffix.startswith(quality)]
    longest = max(fitting, key=len)
    return "" if longest == "m" and suffix.startswith("maj") else longest


def tones(root: int, quality: str) -> frozenset[int]:
    """The pitch classes of a chord."""
    return frozenset((root + interval) % 12 for interval in QUALITIES[quality])


def tonic_name(tonic: int) -> str:
    """A usual spelling of a tonic."""
    return _SHARPS[tonic] if tonic == 6 else _FLATS[tonic]


def spell(root: int, quality: str, tonic: int) -> str:
    """The symbol of a chord whose root lies `root` semitones above the tonic."""
    names = _SHARPS if tonic in _SHARP_KEYS else _FLATS
    return names[(tonic + root) % 12] + quality
