"""The working material that the parts are written from: sections, bars with their chords, raw notes."""

from dataclasses import dataclass
from typing import NamedTuple

from triton_models.composer.theory import ChordTones


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """A section of `bars` bars from bar `first`; `intensity` is 0 to 1, `occurrence` counts its name from 0."""

    name: str
    first: int
    bars: int
    intensity: float
    occurrence: int

    @property
    def last(self) -> int:
        """Index of its last bar."""
        return self.first + self.bars - 1


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it starts in quarter-note beats, its section, its chord and the next bar's chord."""

    index: int
    start: float
    section: SectionPlan
    chord: ChordTones
    following: ChordTones

    @property
    def offset(self) -> int:
        """Bars since the section began."""
        return self.index - self.section.first

    @property
    def closes_section(self) -> bool:
        return self.index == self.section.last


class Event(NamedTuple):
    """A note on the grid, in quarter-note beats; `accent` is added to the velocity of its surroundings."""

    start: float
    length: float
    pitch: int
    accent: float
