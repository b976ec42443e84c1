"""The meters that music is written in here, and the nearest of them for those that are not."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True)
class Meter:
    """Beats per bar over the note that counts as one."""

    numerator: int
    denominator: int

    def label(self) -> str:
        """`6/8`."""
        return f"{self.numerator}/{self.denominator}"

    @property
    def is_compound(self) -> bool:
        """True when the beat is a dotted quarter, as in 6/8 and 12/8."""
        return self.denominator == 8 and self.numerator in (6, 12)

    @classmethod
    def parse(cls, text: str) -> "Meter | None":
        """The meter of a label such as `6/8`; None when it is none of METERS."""
        return METERS.get(text.strip())


METERS: Final = MappingProxyType(
    {
        f"{numerator}/{denominator}": Meter(numerator, denominator)
        for numerator, denominator in ((4, 4), (3, 4), (6, 8), (12, 8), (5, 4), (7, 8))
    }
)

# Meters that are asked for but not composed, and the one that feels closest.
NEAREST: Final = MappingProxyType(
    {
        "2/4": "4/4",
        "2/2": "4/4",
        "8/8": "4/4",
        "4/8": "4/4",
        "6/4": "3/4",
        "3/8": "6/8",
        "9/8": "6/8",
        "5/8": "5/4",
        "7/4": "7/8",
    }
)

METER_WORDS: Final = MappingProxyType(
    {
        "waltz time": "3/4",
        "waltz": "3/4",
        "waltzes": "3/4",
        "walzer": "3/4",
        "vals": "3/4",
        "valse": "3/4",
        "waltzing": "3/4",
        "three four": "3/4",
        "triple meter": "3/4",
        "triple metre": "3/4",
        "triple time": "3/4",
        "dreivierteltakt": "3/4",
        "common time": "4/4",
        "four four": "4/4",
        "four on the floor": "4/4",
        "cut time": "4/4",
        "viervierteltakt": "4/4",
        "six eight": "6/8",
        "compound meter": "6/8",
        "compound time": "6/8",
        "twelve eight": "12/8",
        "five four": "5/4",
        "seven eight": "7/8",
        "septuple meter": "7/8",
        "quintuple meter": "5/4",
    }
)


def meter_of(label: str) -> Meter | None:
    """The meter of METERS for a label, or the nearest one to it."""
    return METERS.get(NEAREST.get(label, label))
