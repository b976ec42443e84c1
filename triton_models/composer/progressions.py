"""Chord progressions in roman numerals, one per bar, pooled by mode and harmonic idiom."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from triton_models.score.model import Mode


@dataclass(frozen=True, slots=True)
class HarmonyPool:
    """`home` progressions begin on the tonic, `away` ones lead to it; `cadence` fills the last bars of
    a section that goes on, `close` the last bars before the final tonic."""

    name: str
    modes: tuple[Mode, ...]
    home: tuple[str, ...]
    away: tuple[str, ...]
    cadence: tuple[str, ...]
    close: tuple[str, ...]
    phrase: int = 4


_MAJOR: Final = HarmonyPool(
    "major",
    ("major",),
    home=("I V vi IV", "I vi IV V", "I IV V IV", "I iii IV V", "I IV I V", "I I IV V", "I V IV I", "I vi ii V"),
    away=("vi IV I V", "IV V iii vi", "IV I V vi", "ii V I vi"),
    cadence=("V", "IV V", "ii V"),
    close=("IV V", "ii V", "V V"),
)
_MINOR: Final = HarmonyPool(
    "minor",
    ("minor",),
    home=(
        "i VI III VII",
        "i iv v i",
        "i VI iv V",
        "i VII VI VII",
        "i iv VII i",
        "i III VII iv",
        "i i VI VII",
        "i VI i VII",
        "i iv i V",
    ),
    away=("VI VII i i", "iv i V i", "iv VII III VI", "VI iv i V"),
    cadence=("V", "iv V", "VII"),
    close=("iv V", "VI V", "V V"),
)
_JAZZ: Final = HarmonyPool(
    "jazz",
    ("major",),
    home=("I vi ii V", "I IV ii V", "I iii ii V", "I ii iii V"),
    away=("ii V I vi", "iii vi ii V", "ii V I I", "IV iv I vi"),
    cadence=("ii V",),
    close=("ii V",),
)
_JAZZ_MINOR: Final = HarmonyPool(
    "minor jazz",
    ("minor", "harmonic_minor"),
    home=("i iv ii° V", "i VI ii° V", "i i iv V", "i iv i V"),
    away=("ii° V i i", "iv VII III VI", "iv i ii° V"),
    cadence=("ii° V",),
    close=("ii° V",),
)
_DORIAN: Final = HarmonyPool(
    "dorian",
    ("dorian",),
    home=("i i IV i", "i IV i i", "i ii i i", "i i VII i", "i i i IV", "i v i i", "i i v i"),
    away=("IV i IV i", "VII i i i", "ii i i i"),
    cadence=("v", "VII v"),
    close=("i v", "i VII", "i IV"),
)
_MIXOLYDIAN: Final = HarmonyPool(
    "mixolydian",
    ("mixolydian",),
    home=("I I VII I", "I VII I I", "I IV I VII", "I I IV I", "I I v I"),
    away=("IV I VII I", "VII I I I", "v I I I"),
    cadence=("VII", "V"),
    close=("I VII", "IV V"),
)
_PHRYGIAN: Final = HarmonyPool(
    "phrygian",
    ("phrygian",),
    home=("i i II i", "i II i i", "i i vii i", "i i II i"),
    away=("II i i i", "vii i i i"),
    cadence=("vii",),
    close=("i II", "i vii"),
)
_LYDIAN: Final = HarmonyPool(
    "lydian",
    ("lydian",),
    home=("I I II I", "I II I I", "I I V I", "I V I I"),
    away=("II I I I", "V I I I"),
    cadence=("V",),
    close=("I V", "I II"),
)
_HARMONIC_MINOR: Final = HarmonyPool(
    "harmonic minor",
    ("harmonic_minor",),
    home=("i iv V i", "i VI iv V", "i iv i V", "i V i i"),
    away=("iv i V i", "VI V i i", "iv V i i"),
    cadence=("V", "iv V"),
    close=("iv V", "VI V", "V V"),
)
_BLUES: Final = HarmonyPool(
    "blues",
    ("mixolydian", "major"),
    home=("I I I I IV IV I I V IV I V", "I IV I I IV IV I I V IV I V"),
    away=("IV IV I I IV IV I I V IV I V", "IV IV I I IV IV V V I I IV V"),
    cadence=("V",),
    close=("IV V", "V IV"),
    phrase=12,
)
_MINOR_BLUES: Final = HarmonyPool(
    "minor blues",
    ("minor", "dorian"),
    home=("i i i i iv iv i i v iv i V", "i iv i i iv iv i i V iv i V"),
    away=("iv iv i i iv iv i i V iv i V",),
    cadence=("V",),
    close=("iv V",),
    phrase=12,
)
_VAMP: Final = HarmonyPool(
    "vamp",
    ("minor",),
    home=("i i VII VII", "i i iv iv", "i i VI VI", "i i i VII"),
    away=("VI VI i i", "iv iv i i"),
    cadence=("VII", "v"),
    close=("VII VII", "iv v"),
)
_AFRO_VAMP: Final = HarmonyPool(
    "afro vamp",
    ("dorian",),
    home=("i i IV i", "i i v i", "i i VII i", "i i i v"),
    away=("IV i IV i", "v i v i"),
    cadence=("v",),
    close=("i v", "IV v"),
)
_GOSPEL: Final = HarmonyPool(
    "gospel",
    ("major",),
    home=("I I7 IV iv", "I vi ii V", "I iii vi IV", "I IV I V", "I V vi IV"),
    away=("IV iv I vi", "vi ii V I", "ii V I I7"),
    cadence=("ii V", "IV V"),
    close=("IV iv", "ii V"),
)
_WALTZ: Final = HarmonyPool(
    "waltz",
    ("major",),
    home=("I I IV IV I I V I", "I I IV I V V I I", "I vi ii V I IV V I", "I I V I IV I V I"),
    away=("IV IV I I V V I I", "ii ii V V ii V I I"),
    cadence=("V",),
    close=("V V",),
)

POOLS: Final[Mapping[str, HarmonyPool]] = MappingProxyType(
    {
        pool.name: pool
        for pool in (
            _MAJOR,
            _MINOR,
            _JAZZ,
            _JAZZ_MINOR,
            _DORIAN,
            _MIXOLYDIAN,
            _PHRYGIAN,
            _LYDIAN,
            _HARMONIC_MINOR,
            _BLUES,
            _MINOR_BLUES,
            _VAMP,
            _AFRO_VAMP,
            _GOSPEL,
            _WALTZ,
        )
    }
)

DEFAULT_POOLS: Final[Mapping[Mode, HarmonyPool]] = MappingProxyType(
    {
        "major": _MAJOR,
        "minor": _MINOR,
        "dorian": _DORIAN,
        "mixolydian": _MIXOLYDIAN,
        "phrygian": _PHRYGIAN,
        "lydian": _LYDIAN,
        "harmonic_minor": _HARMONIC_MINOR,
    }
)
