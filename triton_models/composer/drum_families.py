"""Drum grids by family for the meters other than 4/4, and hand percussion for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from triton_models.composer.drum_keys import (
    CLAP,
    CLOSED_HAT,
    COWBELL,
    FLOOR_TOM,
    HIGH_CONGA,
    KICK,
    LOW_CONGA,
    LOW_TOM,
    OPEN_HAT,
    PEDAL_HAT,
    RIDE,
    SHAKER,
    SNARE,
    TAMBOURINE,
)
from triton_models.composer.meter import Meter, written_for

DrumFamily = Literal["beat", "electronic", "swing", "brush", "latin", "orchestral", "folk"]


@dataclass(frozen=True, slots=True)
class Line:
    """One drum's strokes over a bar, `velocity` for a full stroke at middling dynamics."""

    key: int
    grid: str
    velocity: int


@dataclass(frozen=True, slots=True)
class _Row:
    key: int
    velocity: int
    grids: Mapping[str, str]


def _written(row: _Row, meter: Meter) -> bool:
    return bool(row.grids["6/8" if meter.name == "12/8" and "12/8" not in row.grids else meter.name])


def _row(key: int, velocity: int, three: str, six: str, five: str, seven: str, twelve: str = "") -> _Row:
    grids = {"3/4": three, "6/8": six, "5/4": five, "7/8": seven}
    return _Row(key, velocity, {**grids, "12/8": twelve} if twelve else grids)


_FAMILIES: Final[Mapping[DrumFamily, tuple[_Row, ...]]] = MappingProxyType(
    {
        "beat": (
            _row(
                KICK,
                104,
                "x.....o.....",
                "x.........o.",
                "x.....o.....x.......",
                "x.......x...o.",
                "x.........o.x...x.....o.",
            ),
            _row(
                SNARE,
                102,
                "....x...x...",
                "......x.....",
                "....x...x.......x...",
                "....x.......x.",
                "......x...........x.....",
            ),
            _row(CLOSED_HAT, 60, "x.x.x.x.x.x.", "x.x.x.x.x.x.", "x.x.x.x.x.x.x.x.x.x.", "x.x.x.x.x.x.x."),
        ),
        "electronic": (
            _row(KICK, 110, "x...x...x...", "x.....x.....", "x...x...x...x...x...", "x...x...x....."),
            _row(CLAP, 82, "........x...", "......x.....", "....x.......x.......", "....x.......x."),
            _row(OPEN_HAT, 64, "..x...x...x.", "....x.....x.", "..x...x...x...x...x.", "..x...x...x..."),
            _row(CLOSED_HAT, 44, "x.o.x.o.x.o.", "x.x.o.x.x.o.", "x.o.x.o.x.o.x.o.x.o.", "x.o.x.o.x.o.x."),
        ),
        "swing": (
            _row(RIDE, 66, "x...x.x.x...", "x...x.x...x.", "x...x.x.x...x...x.x.", "x...x.x.x...x."),
            _row(PEDAL_HAT, 60, "....x...x...", "......x.....", "....x...x.......x...", "....x.......x."),
            _row(KICK, 64, "x.........o.", "x.........o.", "x...........x.....o.", "x.......x....."),
            _row(SNARE, 44, "......o...o.", "....o.....o.", "......o...o...o.....", "......o...o..."),
        ),
        "brush": (
            _row(SNARE, 44, "o...x...x...", "o.o.x.o.o.x.", "o...x...x...o...x...", "o...x...o.x.o."),
            _row(KICK, 54, "x...........", "x.....x.....", "x...........x.......", "x.......x....."),
            _row(PEDAL_HAT, 46, "....x...x...", "......x.....", "....x...x.......x...", "....x.......x."),
        ),
        "latin": (
            _row(
                COWBELL,
                54,
                "x...x...x...",
                "x...x.x...x.",
                "x...x...x...x...x...",
                "x...x...x.....",
                "x...x...x.x...x...x...x.",
            ),
            _row(
                HIGH_CONGA,
                62,
                "x.xox.xox.xo",
                "..x.ox..x.ox",
                "x.xox.xxx.xox.xox.xo",
                "x.xox.xox.xox.",
                "..x.ox..x.x...x.ox..x.ox",
            ),
            _row(SHAKER, 46, "x.x.x.x.x.x.", "x.x.x.x.x.x.", "x.x.x.x.x.x.x.x.x.x.", "x.x.x.x.x.x.x."),
            _row(
                KICK,
                76,
                "x.....x.....",
                "x.....x.....",
                "x.....x.....x.......",
                "x.......x.....",
                "x.....x.....x.....x.....",
            ),
        ),
        "orchestral": (
            _row(FLOOR_TOM, 104, "x...o...o...", "x.....x.o.o.", "x...o...o...x...o...", "x...o...x.o.o."),
            _row(LOW_TOM, 80, "..........oo", "....o.....oo", "......oo..........oo", "............oo"),
        ),
        "folk": (
            _row(LOW_TOM, 76, "x.......o...", "x.....x...o.", "x...........x.......", "x.......x....."),
            _row(TAMBOURINE, 52, "....x...x...", "....x.....x.", "....x...x.......x...", "....x.......x."),
            _row(SNARE, 46, "..o...o...o.", "..o.o.x.o.o.", "..o...o...o...o...o.", "..o...o...o.o."),
        ),
    }
)

_HAND_ROWS: Final = (
    _Row(
        HIGH_CONGA,
        66,
        {
            "4/4": "x..x..o.x..x..o.",
            "3/4": "x..x..o.x.o.",
            "6/8": "x..ox.x..ox.",
            "5/4": "x..x..o.x..x..o.x.o.",
            "7/8": "x..x..o.x..xo.",
        },
    ),
    _Row(
        LOW_CONGA,
        62,
        {
            "4/4": "......x.......xx",
            "3/4": "......x...x.",
            "6/8": "..x.....x.x.",
            "5/4": "......x.......xx..x.",
            "7/8": "......x.....x.",
        },
    ),
    _Row(
        SHAKER,
        50,
        {
            "4/4": "xoxoxoxoxoxoxoxo",
            "3/4": "xoxoxoxoxoxo",
            "6/8": "x.x.x.x.x.x.",
            "5/4": "xoxoxoxoxoxoxoxoxoxo",
            "7/8": "xoxoxoxoxoxoxo",
        },
    ),
    _Row(
        TAMBOURINE,
        48,
        {
            "4/4": "....x.......x...",
            "3/4": "....x...x...",
            "6/8": "......x.....",
            "5/4": "....x.......x...x...",
            "7/8": "....x.......x.",
        },
    ),
)


def family_lines(family: DrumFamily, meter: Meter) -> tuple[Line, ...]:
    """The lines of a family in any meter but 4/4."""
    return tuple(Line(row.key, written_for(meter, row.grids), row.velocity) for row in _FAMILIES[family])


def hand_lines(meter: Meter) -> tuple[Line, ...]:
    """Congas, shaker and tambourine for a percussionist beside or instead of a kit."""
    return tuple(Line(row.key, written_for(meter, row.grids), row.velocity) for row in _HAND_ROWS)
