"""Accompaniment patterns: on which steps of each meter the chords sound, and in what texture."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from triton_models.composer.meter import Meter, per_group, written_for

Texture = Literal["block", "arpeggio", "figure", "power", "strum"]


@dataclass(frozen=True, slots=True)
class CompPattern:
    """`grids` hold variants per meter: `x` is a full hit, `o` a light one, a digit one voice from below.

    Without grids the bar is built from a `simple` and a `compound` cell for each pulse group.
    """

    name: str
    texture: Texture
    grids: Mapping[str, tuple[str, ...]]
    simple: str = ""
    compound: str = ""

    def variants(self, meter: Meter) -> tuple[str, ...]:
        """The step patterns this pattern may take in a meter."""
        if self.simple:
            return (per_group(meter, self.simple, self.compound),)
        count = min(len(rows) for rows in self.grids.values())
        return tuple(
            written_for(meter, {name: rows[index] for name, rows in self.grids.items()}) for index in range(count)
        )


def _grids(four: str, three: str, six: str, five: str, seven: str) -> Mapping[str, tuple[str, ...]]:
    """Variants separated by spaces, one string per meter."""
    written = {"4/4": four, "3/4": three, "6/8": six, "5/4": five, "7/8": seven}
    return {name: tuple(text.split()) for name, text in written.items()}


_HELD: Final = _grids("x" + "-" * 15, "x" + "-" * 11, "x" + "-" * 11, "x" + "-" * 11 + "o" + "-" * 7, "x" + "-" * 13)

_ALL: Final = (
    CompPattern("block", "block", _HELD),
    CompPattern("pulse", "block", {}, "x---", "x---o-"),
    CompPattern("eight", "block", {}, "x-o-", "x-o-o-"),
    CompPattern("off", "block", {}, "..x.", "..x.x."),
    CompPattern("arp8", "arpeggio", {}, "x-x-", "x-x-x-"),
    CompPattern("arp16", "arpeggio", {}, "xxxx", "xxxxxx"),
    CompPattern("slowarp", "arpeggio", {}, "x---", "x---x-"),
    CompPattern("shuffle", "block", {}, "x-x-", "x---x-"),
    CompPattern(
        "oompah",
        "block",
        _grids("....x-......x-..", "....x-..x-..", "....x-....x-", "....x-..x-......x-..", "....x-....x-x-"),
    ),
    CompPattern(
        "skank",
        "block",
        _grids("....x.......x...", "....x...x...", "....x.....x.", "....x.......x...x...", "....x.......x."),
    ),
    CompPattern(
        "jig",
        "strum",
        _grids("x---o-x-x---o-x-", "x---o-x-o-x-", "x---o-x---o-", "x---o-x-o---x-o-x-o-", "x---o---x---o-"),
    ),
    CompPattern(
        "stab",
        "block",
        _grids(
            "x.....x---...... ..x...x.....x-.. x--x......x-..o. x-......o-x-....",
            "x.....x-.... ..x...x-..x- x-....o-x-.. x--x....x-..",
            "x---..x---o- ....x-....x- x-....x-o-.. x---o-....x-",
            "x.....x-....x-..o... ..x...x-..x-....x-.. x--x....x---....x-.. x-......x-..x-......",
            "x-....x-..x-.. ..x...x.x-.... x--x....x---.. x---x-....x-..",
        ),
    ),
    CompPattern(
        "funk",
        "block",
        _grids(
            "x..o..x...x.o.x. x.xo..x..o.x..x. ..x.o.x...xo..x. x..x..o.x.xo..x.",
            "x..o..x.o.x. x.xo..x..ox. ..x.o.x...xo x..x..o.x.x.",
            "x.o.x.x..ox. x..ox.x.o.x. ..x.o.x...xo x.x..ox...x.",
            "x..o..x...x.o.x.x.o. x.xo..x..o.x..x.o.x. ..x.o.x...xo..x...x. x..x..o.x.xo..x.x..o",
            "x..o..x..ox.o. x.xo..x.x..ox. ..x.o.x...xo.. x..x..o.x.x.o.",
        ),
    ),
    CompPattern(
        "alberti",
        "figure",
        _grids("0-2-1-2-0-2-1-2-", "0-1-2-1-2-1-", "0-1-2-0-1-2-", "0-2-1-2-0-2-0-2-1-2-", "0-2-1-2-0-1-2-"),
    ),
    CompPattern(
        "montuno",
        "figure",
        _grids(
            "0..12.01..12..0. 0.12.12.0.12.1.2",
            "0..12.01..1. 0.12.1.20.1.",
            "0-1-2-1-0-1- 0-..1-2-..1-",
            "0..12.01..12..0.1.2. 0.12.12.0.12.1.2.1..",
            "0..12.01..12.. 0.12.1.0.12.1.",
        ),
    ),
    CompPattern(
        "power",
        "power",
        _grids(
            "x-o-o-o-x-o-o-o- x-----x-x---o-o- x-oox-oox-oox-oo",
            "x-o-o-o-x-o- x-----x-o-o- x-oox-oox-oo",
            "x-o-o-x-o-o- x---x-x---o- x-ooo-x-ooo-",
            "x-o-o-o-o-o-x-o-o-o- x-----x-....x-----o- x-oox-oox-oox-oox-oo",
            "x-o-o-o-x-o-o- x---x---x---o- x-oox-oox-oooo",
        ),
    ),
    CompPattern(
        "strum",
        "strum",
        _grids("x------o--x-----", "x-----o-o---", "x-----x---o-", "x------o--x-x---o---", "x---x---x---o-"),
    ),
    CompPattern(
        "strum8",
        "strum",
        _grids("x---x-o-..o-x-o-", "x---x-o-x-o-", "x---o-x-o-o-", "x---x-o-x-o-x---x-o-", "x---x-o-x-o-o-"),
    ),
    CompPattern(
        "bossa",
        "block",
        _grids("x--x--x---x--x--", "x--x--x---x-", "x---x-x---x-", "x--x--x---x--x--x---", "x--x--x--x--x-"),
    ),
)

COMP_PATTERNS: Final[Mapping[str, CompPattern]] = MappingProxyType({pattern.name: pattern for pattern in _ALL})
