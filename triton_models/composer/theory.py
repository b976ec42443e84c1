"""Scales, chords from roman numerals, and the spelling of chord symbols."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal

from triton_models.score.model import Key, Mode

Extension = Literal["triad", "seventh", "ninth", "dominant"]

SCALES: Final[Mapping[Mode, tuple[int, ...]]] = MappingProxyType(
    {
        "major": (0, 2, 4, 5, 7, 9, 11),
        "minor": (0, 2, 3, 5, 7, 8, 10),
        "dorian": (0, 2, 3, 5, 7, 9, 10),
        "mixolydian": (0, 2, 4, 5, 7, 9, 10),
        "phrygian": (0, 1, 3, 5, 7, 8, 10),
        "lydian": (0, 2, 4, 6, 7, 9, 11),
        "harmonic_minor": (0, 2, 3, 5, 7, 8, 11),
    }
)

_STEPS: Final = {"i": 0, "ii": 1, "iii": 2, "iv": 3, "v": 4, "vi": 5, "vii": 6}
_NUMERAL: Final = re.compile(r"(b?)([IV]+|[iv]+)(°?)(7?)")
_LETTERS: Final = "CDEFGAB"
_NATURAL: Final = (0, 2, 4, 5, 7, 9, 11)
_FLAT_NAMES: Final = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_SUFFIXES: Final = {
    (0, 4, 7): "",
    (0, 3, 7): "m",
    (0, 3, 6): "dim",
    (0, 4, 8): "aug",
    (0, 4, 7, 11): "maj7",
    (0, 4, 7, 10): "7",
    (0, 3, 7, 10): "m7",
    (0, 3, 7, 11): "m(maj7)",
    (0, 3, 6, 10): "m7b5",
    (0, 3, 6, 9): "dim7",
    (0, 4, 8, 11): "maj7#5",
    (0, 4, 8, 10): "7#5",
    (0, 4, 7, 11, 14): "maj9",
    (0, 4, 7, 10, 14): "9",
    (0, 3, 7, 10, 14): "m9",
}


@dataclass(frozen=True, slots=True)
class ChordTones:
    """A sounding chord: root pitch class, semitones above it, and the scale step of its root."""

    root: int
    intervals: tuple[int, ...]
    step: int
    symbol: str

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        return tuple((self.root + interval) % 12 for interval in self.intervals)

    @property
    def third(self) -> int:
        """Semitones from the root to the third."""
        return self.intervals[1]

    @property
    def fifth(self) -> int:
        """Semitones from the root to the fifth."""
        return self.intervals[2]


@lru_cache(maxsize=4096)
def chord(key: Key, numeral: str, extension: Extension) -> ChordTones:
    """Build the chord that `numeral` names in `key`.

    The case of the numeral decides between a major and a minor third even against the scale, so `V`
    in a minor key has a leading tone; `b` lowers the root below the major scale's step; `7` asks for
    a minor seventh.
    """
    match = _NUMERAL.fullmatch(numeral)
    if match is None:
        raise ValueError(f"not a roman numeral: {numeral!r}")
    flat, name, diminished, seventh = match.groups()
    step = _STEPS[name.lower()]
    scale = SCALES[key.mode]
    offset = SCALES["major"][step] - 1 if flat else scale[step]
    triad = _triad(scale, step, offset, name.isupper(), bool(diminished))
    intervals = triad + _extension(scale, step, triad, "dominant" if seventh else extension)
    root = (key.pitch_class + offset) % 12
    symbol = spell(key, step, root) + _SUFFIXES[intervals]
    return ChordTones(root, intervals, step, symbol)


def _triad(scale: tuple[int, ...], step: int, offset: int, major: bool, diminished: bool) -> tuple[int, int, int]:
    if diminished:
        return (0, 3, 6)
    third = 4 if major else 3
    diatonic_fifth = (scale[(step + 4) % 7] - offset) % 12
    augmented = diatonic_fifth == 8 and major
    return (0, third, 8 if augmented else 7)


def _extension(scale: tuple[int, ...], step: int, triad: tuple[int, int, int], extension: Extension) -> tuple[int, ...]:
    if extension == "triad":
        return ()
    if extension == "dominant":
        return (10,) if triad[2] != 6 else (9,)
    seventh = (scale[(step + 6) % 7] - scale[step]) % 12
    third_of_scale = (scale[(step + 2) % 7] - scale[step]) % 12
    if seventh not in (9, 10, 11) or third_of_scale != triad[1] or (*triad, seventh) not in _SUFFIXES:
        seventh = 10
    ninth = (scale[(step + 1) % 7] - scale[step]) % 12
    with_ninth = (*triad, seventh, 14)
    if extension == "ninth" and ninth == 2 and with_ninth in _SUFFIXES:
        return (seventh, 14)
    return (seventh,)


def spell(key: Key, step: int, pitch_class: int) -> str:
    """Name a pitch class by the letter of its scale step, or by its simplest flat if that is doubled."""
    index = (_LETTERS.index(key.tonic[0]) + step) % 7
    distance = (pitch_class - _NATURAL[index] + 6) % 12 - 6
    if abs(distance) > 1:
        return _FLAT_NAMES[pitch_class]
    return _LETTERS[index] + {-1: "b", 0: "", 1: "#"}[distance]


def scale_pitch(key: Key, degree: int) -> int:
    """MIDI key of a scale degree; degree 0 is the tonic in the octave from MIDI 0, 7 an octave above."""
    octave, step = divmod(degree, 7)
    return key.pitch_class + SCALES[key.mode][step] + 12 * octave


@lru_cache(maxsize=1024)
def nearest_degree(key: Key, pitch: int) -> int:
    """The scale degree whose pitch is closest to `pitch`, the lower one of two."""
    guess = (pitch - key.pitch_class) * 7 // 12
    return min(range(guess - 2, guess + 4), key=lambda degree: abs(scale_pitch(key, degree) - pitch))
