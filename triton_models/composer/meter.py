"""Meters as bars of sixteenth-note steps in pulse groups, and the step patterns written on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

STEPS_PER_QUARTER: Final = 4


@dataclass(frozen=True, slots=True)
class Meter:
    """`groups` are the felt pulses of a bar in sixteenths: 7/8 is 2+2+3 eighths, (4, 4, 6)."""

    name: str
    numerator: int
    denominator: int
    groups: tuple[int, ...]

    @property
    def steps(self) -> int:
        return sum(self.groups)

    @property
    def quarters(self) -> float:
        """Length of a bar in quarter notes."""
        return self.steps / STEPS_PER_QUARTER

    @property
    def compound(self) -> bool:
        """True when the beat is a dotted quarter."""
        return self.name in ("6/8", "12/8")

    @property
    def pulse_quarters(self) -> float:
        """Quarter notes in one beat of the `bpm`."""
        return 1.5 if self.compound else 1.0

    @property
    def group_starts(self) -> tuple[int, ...]:
        """The step on which each pulse group begins."""
        return tuple(sum(self.groups[:index]) for index in range(len(self.groups)))


METERS: Final[Mapping[str, Meter]] = MappingProxyType(
    {
        meter.name: meter
        for meter in (
            Meter("4/4", 4, 4, (4, 4, 4, 4)),
            Meter("3/4", 3, 4, (4, 4, 4)),
            Meter("6/8", 6, 8, (6, 6)),
            Meter("12/8", 12, 8, (6, 6, 6, 6)),
            Meter("5/4", 5, 4, (4, 4, 4, 4, 4)),
            Meter("7/8", 7, 8, (4, 4, 6)),
        )
    }
)


@dataclass(frozen=True, slots=True)
class Hit:
    """An onset of a step pattern; `symbol` says what sounds, such as `x` or `5`."""

    step: int
    length: int
    symbol: str


@lru_cache(maxsize=1024)
def hits(pattern: str) -> tuple[Hit, ...]:
    """Read a step pattern: `.` rests, `-` holds the onset before it, anything else is an onset."""
    found: list[Hit] = []
    for step, symbol in enumerate(pattern):
        if symbol in ".-":
            continue
        tail = pattern[step + 1 :]
        found.append(Hit(step, 1 + len(tail) - len(tail.lstrip("-")), symbol))
    return tuple(found)


def written_for(meter: Meter, patterns: Mapping[str, str]) -> str:
    """The pattern of this meter; 12/8 is played as two bars of 6/8 unless it has its own."""
    if meter.name == "12/8" and "12/8" not in patterns:
        return patterns["6/8"] * 2
    return patterns[meter.name]


def per_group(meter: Meter, simple: str, compound: str) -> str:
    """A bar made of one cell per pulse group: `simple` for two eighths, `compound` for three."""
    return "".join(simple if group == len(simple) else compound for group in meter.groups)
