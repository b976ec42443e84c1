"""Drum grooves: each style's 4/4 grid, with its family for the other meters.

`x` is a full stroke, `o` a light one that quiet music leaves out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from triton_models.composer.drum_families import DrumFamily, Line, family_lines
from triton_models.composer.drum_keys import (
    CLAP,
    CLAVES,
    CLOSED_HAT,
    COWBELL,
    CRASH,
    FLOOR_TOM,
    HIGH_CONGA,
    KICK,
    LOW_TOM,
    OPEN_HAT,
    PEDAL_HAT,
    RIDE,
    RIM,
    SHAKER,
    SNARE,
    TAMBOURINE,
)
from triton_models.composer.meter import Meter


@dataclass(frozen=True, slots=True)
class Groove:
    """A style's lines in 4/4, its family for the other meters, and whether it plays fills and crashes."""

    name: str
    family: DrumFamily
    lines: tuple[Line, ...]
    fills: bool = True

    def in_meter(self, meter: Meter) -> tuple[Line, ...]:
        return self.lines if meter.name == "4/4" else family_lines(self.family, meter)


_ALL: Final = (
    Groove(
        "lofi",
        "beat",
        (
            Line(KICK, "x..x......x.....", 88),
            Line(RIM, "....x.......x...", 70),
            Line(CLOSED_HAT, "x.x.x.x.x.x.x.xo", 48),
        ),
        fills=False,
    ),
    Groove(
        "four",
        "electronic",
        (
            Line(KICK, "x...x...x...x...", 108),
            Line(CLAP, "....x.......x...", 82),
            Line(OPEN_HAT, "..x...x...x...x.", 66),
            Line(CLOSED_HAT, "xo.oxo.oxo.oxo.o", 42),
        ),
    ),
    Groove(
        "techno",
        "electronic",
        (
            Line(KICK, "x...x...x...x...", 116),
            Line(CLOSED_HAT, "..x...x...x...x.", 72),
            Line(CLAP, "....o.......x...", 70),
            Line(COWBELL, "...o..o....o..o.", 40),
        ),
    ),
    Groove(
        "eighties",
        "beat",
        (
            Line(KICK, "x.......x.x.....", 104),
            Line(SNARE, "....x.......x...", 108),
            Line(CLOSED_HAT, "x.x.x.x.x.x.x.x.", 58),
        ),
    ),
    Groove(
        "dnb",
        "electronic",
        (
            Line(KICK, "x.........x.....", 110),
            Line(SNARE, "....x..o.o..x..o", 104),
            Line(CLOSED_HAT, "x.x.x.x.x.x.x.x.", 62),
            Line(RIDE, "x...x...x...x...", 40),
        ),
    ),
    Groove(
        "rock",
        "beat",
        (
            Line(KICK, "x.....o.x.x.....", 108),
            Line(SNARE, "....x.......x...", 110),
            Line(CLOSED_HAT, "x.x.x.x.x.x.x.x.", 70),
        ),
    ),
    Groove(
        "metal",
        "beat",
        (Line(KICK, "x.oox.oox.oox.oo", 110), Line(SNARE, "....x.......x...", 116), Line(RIDE, "x...x...x...x...", 80)),
    ),
    Groove(
        "pop",
        "beat",
        (
            Line(KICK, "x......ox.x.....", 100),
            Line(SNARE, "....x.......x...", 96),
            Line(CLOSED_HAT, "x.x.x.x.x.x.x.x.", 58),
        ),
    ),
    Groove(
        "swing",
        "swing",
        (
            Line(RIDE, "x...x.x.x...x.x.", 66),
            Line(PEDAL_HAT, "....x.......x...", 60),
            Line(KICK, "x...o...x...o...", 56),
            Line(SNARE, "......o.......o.", 40),
        ),
        fills=False,
    ),
    Groove(
        "brush",
        "brush",
        (
            Line(SNARE, "o...x...o...x...", 44),
            Line(KICK, "x.......x.......", 54),
            Line(PEDAL_HAT, "....x.......x...", 46),
        ),
        fills=False,
    ),
    Groove(
        "bossa",
        "latin",
        (Line(KICK, "x..xx..xx..xx..x", 60), Line(RIM, "x..x..x...x..x..", 60), Line(SHAKER, "x.x.x.x.x.x.x.x.", 44)),
        fills=False,
    ),
    Groove(
        "funk",
        "beat",
        (
            Line(KICK, "x..o..x...x..o..", 104),
            Line(SNARE, "....x..o.o..x..o", 100),
            Line(CLOSED_HAT, "xoxoxoxoxoxoxoxo", 54),
        ),
    ),
    Groove(
        "reggae",
        "beat",
        (
            Line(KICK, "........x.......", 104),
            Line(RIM, "........x.......", 84),
            Line(CLOSED_HAT, "x.x.x.x.x.x.x.x.", 60),
        ),
        fills=False,
    ),
    Groove(
        "shuffle",
        "swing",
        (Line(KICK, "x.......x.....o.", 92), Line(SNARE, "....x.......x...", 92), Line(RIDE, "x.x.x.x.x.x.x.x.", 58)),
    ),
    Groove(
        "cinematic",
        "orchestral",
        (
            Line(FLOOR_TOM, "x.....x.x...x...", 106),
            Line(LOW_TOM, "....o.o.....o.oo", 80),
            Line(CRASH, "o...............", 60),
        ),
    ),
    Groove(
        "train",
        "beat",
        (
            Line(SNARE, "xoxxxoxxxoxxxoxx", 60),
            Line(KICK, "x.......x.......", 84),
            Line(TAMBOURINE, "....x.......x...", 50),
        ),
    ),
    Groove(
        "chip",
        "electronic",
        (
            Line(KICK, "x...x...x...x...", 90),
            Line(SNARE, "....x.......x...", 80),
            Line(CLOSED_HAT, "x.x.x.x.x.x.x.x.", 42),
        ),
    ),
    Groove(
        "trap",
        "electronic",
        (
            Line(KICK, "x......o..x.....", 116),
            Line(CLAP, "........x.......", 100),
            Line(CLOSED_HAT, "xoxoxoxoxoxxxoxo", 54),
        ),
    ),
    Groove(
        "boombap",
        "beat",
        (
            Line(KICK, "x.x....o.xx.....", 108),
            Line(SNARE, "....x.......x...", 104),
            Line(CLOSED_HAT, "x.x.x.x.x.x.x.x.", 54),
        ),
    ),
    Groove(
        "latin",
        "latin",
        (
            Line(CLAVES, "x..x..x...x.x...", 70),
            Line(HIGH_CONGA, "x.xox.xxx.xox.xx", 60),
            Line(COWBELL, "x...x...x...x...", 52),
            Line(KICK, "x..o..x.x..o..x.", 72),
        ),
        fills=False,
    ),
    Groove(
        "afro",
        "latin",
        (
            Line(KICK, "x.....x.x.....o.", 92),
            Line(SNARE, "....o..x....o..o", 70),
            Line(CLOSED_HAT, "x.x.x.x.x.x.x.x.", 56),
            Line(COWBELL, "x.x..x.x.x..x.x.", 40),
            Line(SHAKER, "xoxoxoxoxoxoxoxo", 40),
        ),
    ),
    Groove(
        "bodhran",
        "folk",
        (
            Line(LOW_TOM, "x...o...x...o...", 76),
            Line(TAMBOURINE, "....x.......x...", 52),
            Line(SNARE, "..o...o...o...o.", 46),
        ),
        fills=False,
    ),
)

GROOVES: Final[Mapping[str, Groove]] = MappingProxyType({groove.name: groove for groove in _ALL})
