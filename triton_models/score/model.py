"""The Score value and its pure rules; times are quarter-note beats from the start of the piece."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, get_args

Role = Literal["bass", "chords", "melody", "pad", "drums", "percussion", "counter"]
Mode = Literal["major", "minor", "dorian", "mixolydian", "phrygian", "lydian", "harmonic_minor"]

ROLES: Final[tuple[Role, ...]] = get_args(Role)
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
TONICS: Final = tuple(letter + sign for letter in "CDEFGAB" for sign in ("", "#", "b"))
DRUM_BANK: Final = 128

_LETTER_PITCH: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGN_PITCH: Final = {"": 0, "#": 1, "b": -1}
_MINOR_MODES: Final = frozenset({"minor", "dorian", "phrygian", "harmonic_minor"})


@dataclass(frozen=True, slots=True)
class Key:
    """A tonal centre: `tonic` is a letter A to G with an optional `#` or `b`."""

    tonic: str
    mode: Mode

    @property
    def pitch_class(self) -> int:
        """Pitch class of the tonic, 0 (C) to 11 (B)."""
        return (_LETTER_PITCH[self.tonic[0]] + _SIGN_PITCH[self.tonic[1:]]) % 12

    @property
    def is_minor(self) -> bool:
        """True when the third above the tonic is minor."""
        return self.mode in _MINOR_MODES


@dataclass(frozen=True, slots=True)
class TempoChange:
    """From `beat` on, `qpm` quarter notes pass in a minute."""

    beat: float
    qpm: float


@dataclass(frozen=True, slots=True)
class MeterChange:
    """From `beat` on, bars hold `numerator` notes of value 1/`denominator`."""

    beat: float
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Section:
    """A named part of the form, `start` included, `end` not."""

    name: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord symbol such as `Am7` that holds for `duration` beats."""

    start: float
    duration: float
    symbol: str


@dataclass(frozen=True, slots=True)
class Note:
    """`pitch` is a MIDI key number 0 to 127, `velocity` 1 to 127."""

    start: float
    duration: float
    pitch: int
    velocity: int

    @property
    def end(self) -> float:
        return self.start + self.duration


@dataclass(frozen=True, slots=True)
class Track:
    """One instrument's part; `volume` and `reverb` are 0 to 1, `pan` is -1 (left) to 1 (right).

    A drum track has `bank` 128 and the General MIDI kit number as `program`.
    """

    id: str
    name: str
    role: Role
    bank: int
    program: int
    is_drum: bool
    volume: float
    pan: float
    reverb: float
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """A whole piece; the maps start at beat 0 and ascend, the sections follow each other without gaps."""

    title: str
    genre: str
    mood: str
    seed: int
    key: Key
    tempo_map: tuple[TempoChange, ...]
    meter_map: tuple[MeterChange, ...]
    sections: tuple[Section, ...]
    chords: tuple[Chord, ...]
    tracks: tuple[Track, ...]
    duration_beats: float

    @property
    def duration_seconds(self) -> float:
        return self.seconds_at(self.duration_beats)

    def seconds_at(self, beat: float) -> float:
        """Seconds from the start to `beat` over the tempo map; beats past the end keep the last tempo."""
        seconds = 0.0
        for change, following in pairwise(self.tempo_map):
            if beat <= following.beat:
                return seconds + (beat - change.beat) * 60.0 / change.qpm
            seconds += (following.beat - change.beat) * 60.0 / change.qpm
        last = self.tempo_map[-1]
        return seconds + (beat - last.beat) * 60.0 / last.qpm

    def beat_at(self, seconds: float) -> float:
        """Beat that sounds `seconds` after the start; the inverse of `seconds_at`."""
        starts = [self.seconds_at(change.beat) for change in self.tempo_map]
        index = max(0, bisect_right(starts, seconds) - 1)
        change = self.tempo_map[index]
        return change.beat + (seconds - starts[index]) * change.qpm / 60.0
