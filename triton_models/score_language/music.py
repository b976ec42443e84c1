"""A piece as the model knows it: bars of tracks on the grid, with its tonic moved to C. Plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, NamedTuple

from triton_models.score.model import Mode, Role
from triton_models.score_language.grid import PER_QUARTER

MOST_TRACKS: Final = 8


class Meter(NamedTuple):
    """Bars of `numerator` notes of value 1/`denominator`."""

    numerator: int
    denominator: int

    @property
    def positions(self) -> int:
        """Length of a bar on the grid."""
        return 4 * PER_QUARTER * self.numerator // self.denominator

    @property
    def pulse(self) -> float:
        """Quarter notes in one beat as a tempo counts them: dotted quarters in 6/8, 9/8 and 12/8."""
        return 1.5 if self.denominator == 8 and self.numerator in (6, 9, 12) else 1.0

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"


METERS: Final = tuple(
    Meter(numerator, denominator)
    for numerator, denominator in (
        *((4, 4), (3, 4), (6, 8), (12, 8), (5, 4), (7, 8), (2, 4), (2, 2), (9, 8), (5, 8), (3, 8), (6, 4), (3, 2)),
    )
)
LONGEST_BAR: Final = max(meter.positions for meter in METERS)


class Note(NamedTuple):
    """`position` counts from the bar's start, `duration` in positions; drums all have the same duration."""

    position: int
    pitch: int
    duration: int
    accent: int


@dataclass(frozen=True, slots=True)
class Part:
    """What a track plays in a bar: its loudness 0 to 15 and its notes by position and pitch, at least one."""

    level: int
    notes: tuple[Note, ...]


class Chord(NamedTuple):
    """A chord from `position` on; `root` is 0 to 11 above the tonic, `quality` a suffix such as `m7`."""

    position: int
    root: int
    quality: str


@dataclass(frozen=True, slots=True)
class Bar:
    """The chords that begin in a bar, and what each track of the piece plays in it; None where it rests."""

    chords: tuple[Chord, ...]
    parts: tuple[Part | None, ...]


@dataclass(frozen=True, slots=True)
class Track:
    """`program` is a General MIDI program, or the number of a kit where the role is drums or percussion."""

    role: Role
    program: int
    is_drum: bool


class Section(NamedTuple):
    """`bars` bars under one name."""

    name: str
    bars: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece in one meter, key and tempo; notes and chords are as if its tonic were C.

    `tonic` is the real one, 0 (C) to 11 (B), `qpm` quarter notes per minute; genre and mood are None when nobody
    knows them; `text` describes the piece in words, or is empty. The sections cover all bars.
    """

    genre: str | None
    mood: str | None
    text: str
    qpm: float
    tonic: int
    mode: Mode
    meter: Meter
    tracks: tuple[Track, ...]
    sections: tuple[Section, ...]
    bars: tuple[Bar, ...]

    @property
    def bpm(self) -> float:
        """The tempo in beats of the meter."""
        return self.qpm / self.meter.pulse


def shift_of(tonic: int) -> int:
    """Semitones from C to the tonic by the shorter way, -5 to 6: what is taken off every pitch of the piece."""
    return (tonic + 5) % 12 - 5


def section_starts(sections: Sequence[Section]) -> tuple[int, ...]:
    """The bar at which each section begins."""
    return tuple(accumulate((section.bars for section in sections[:-1]), initial=0)) if sections else ()


def first_occurrence(sections: Sequence[Section], index: int) -> int | None:
    """The earliest section of the same name, if there is one before it and it has a name."""
    name = sections[index].name
    earlier = (before for before in range(index) if sections[before].name == name)
    return next(earlier, None) if name else None


def counterpart(sections: Sequence[Section], bar: int) -> int | None:
    """The bar that stands in the first occurrence of a section where `bar` stands in its own; None where it is that."""
    starts = section_starts(sections)
    index = next((index for index, start in enumerate(starts) if start <= bar < start + sections[index].bars), None)
    first = None if index is None else first_occurrence(sections, index)
    if index is None or first is None:
        return None
    return starts[first] + (bar - starts[index]) % sections[first].bars
