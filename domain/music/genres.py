"""The genres that can be composed: names, customary tempo and energy, and the instruments that belong to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True)
class Genre:
    """`bpm` is the customary range in simple meters, `energy` 0 to 1, `palette` in order of importance."""

    name: str
    bpm: tuple[int, int]
    energy: float
    palette: tuple[str, ...]


_ALL: Final = (
    Genre(
        "lofi hip hop",
        (68, 90),
        0.35,
        ("electric piano", "piano", "upright bass", "jazz guitar", "vibraphone", "flute", "music box", "drums"),
    ),
    Genre(
        "house",
        (118, 128),
        0.7,
        ("drums", "synth bass", "piano", "organ", "saw lead synth", "synth pad", "synth strings", "synth brass"),
    ),
    Genre("techno", (126, 138), 0.8, ("drums", "synth bass", "square lead synth", "saw lead synth", "synth pad")),
    Genre(
        "trance",
        (132, 142),
        0.8,
        ("saw lead synth", "synth bass", "synth strings", "synth pad", "choir", "drums"),
    ),
    Genre(
        "synthwave",
        (86, 116),
        0.6,
        ("saw lead synth", "synth bass", "synth pad", "synth brass", "saxophone", "synth strings", "drums"),
    ),
    Genre(
        "drum and bass",
        (168, 176),
        0.8,
        ("drums", "synth bass", "electric piano", "synth pad", "square lead synth", "flute", "strings"),
    ),
    Genre(
        "ambient",
        (56, 76),
        0.2,
        ("synth pad", "synth strings", "choir", "strings", "piano", "flute", "celesta", "kalimba", "harp"),
    ),
    Genre("chiptune", (120, 168), 0.7, ("square lead synth", "saw lead synth", "synth bass", "drums", "whistle")),
    Genre("trap", (66, 80), 0.6, ("synth bass", "drums", "synth pad", "piano", "glockenspiel", "flute", "harp")),
    Genre("rock", (104, 152), 0.75, ("distorted guitar", "clean electric guitar", "electric bass", "drums", "organ")),
    Genre("metal", (140, 180), 0.9, ("distorted guitar", "electric bass", "drums", "choir")),
    Genre(
        "pop",
        (92, 126),
        0.6,
        (
            *("piano", "clean electric guitar", "electric bass", "drums", "acoustic guitar", "synth pad", "strings"),
            *(
                "glockenspiel",
                "square lead synth",
            ),
        ),
    ),
    Genre(
        "blues",
        (72, 116),
        0.5,
        (
            *("clean electric guitar", "harmonica", "electric bass", "piano", "organ", "saxophone", "drums"),
            *("distorted guitar",),
        ),
    ),
    Genre(
        "reggae",
        (70, 88),
        0.45,
        ("clean electric guitar", "electric bass", "organ", "drums", "trumpet", "trombone", "steel drums"),
    ),
    Genre(
        "country",
        (96, 132),
        0.55,
        ("acoustic guitar", "banjo", "violin", "harmonica", "electric bass", "clean electric guitar", "drums"),
    ),
    Genre("gospel", (72, 104), 0.6, ("choir", "organ", "piano", "electric bass", "drums")),
    Genre(
        "soul",
        (70, 108),
        0.5,
        (
            *("electric piano", "clean electric guitar", "electric bass", "organ", "brass section", "saxophone"),
            *(
                "strings",
                "drums",
            ),
        ),
    ),
    Genre(
        "jazz",
        (104, 176),
        0.5,
        (
            *("piano", "saxophone", "upright bass", "brushed drums", "trumpet", "jazz guitar", "clarinet"),
            *(
                "vibraphone",
                "trombone",
                "drums",
            ),
        ),
    ),
    Genre(
        "bossa nova",
        (116, 140),
        0.4,
        ("acoustic guitar", "upright bass", "flute", "percussion", "saxophone", "clarinet", "vibraphone"),
    ),
    Genre(
        "funk",
        (96, 116),
        0.75,
        ("slap bass", "muted guitar", "brass section", "electric piano", "drums", "saxophone", "organ"),
    ),
    Genre(
        "hip hop",
        (82, 100),
        0.55,
        ("drums", "electric bass", "electric piano", "synth bass", "piano", "strings", "flute", "synth brass"),
    ),
    Genre(
        "disco",
        (112, 124),
        0.75,
        ("strings", "electric bass", "muted guitar", "drums", "brass section", "electric piano"),
    ),
    Genre(
        "latin",
        (92, 118),
        0.7,
        ("percussion", "piano", "trumpet", "acoustic guitar", "upright bass", "brass section", "accordion"),
    ),
    Genre(
        "afrobeat",
        (98, 124),
        0.75,
        ("percussion", "brass section", "muted guitar", "electric bass", "saxophone", "organ", "drums"),
    ),
    Genre("classical piano", (72, 120), 0.4, ("piano",)),
    Genre(
        "orchestral",
        (72, 120),
        0.55,
        (
            *("strings", "french horn", "violin", "cello", "flute", "clarinet", "trumpet", "timpani", "harp", "choir"),
            *(
                "trombone",
                "harpsichord",
            ),
        ),
    ),
    Genre(
        "cinematic",
        (80, 120),
        0.65,
        ("strings", "french horn", "choir", "cello", "timpani", "synth strings", "piano", "percussion"),
    ),
    Genre(
        "folk",
        (84, 128),
        0.45,
        ("acoustic guitar", "banjo", "violin", "harmonica", "upright bass", "flute", "accordion"),
    ),
    Genre("waltz", (132, 186), 0.5, ("violin", "accordion", "piano", "strings", "upright bass", "clarinet")),
    Genre("celtic", (96, 124), 0.65, ("whistle", "violin", "harp", "flute", "acoustic guitar", "accordion")),
    Genre("lullaby", (76, 100), 0.2, ("music box", "celesta", "harp", "glockenspiel", "piano", "cello")),
)

GENRES: Final[Mapping[str, Genre]] = MappingProxyType({genre.name: genre for genre in _ALL})

# Chosen when nothing in a prompt points anywhere: the genre with the widest customary palette.
DEFAULT_GENRE: Final = "pop"
