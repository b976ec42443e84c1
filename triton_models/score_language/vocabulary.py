"""The base tokens of the language, by name and id, before any merging. Knows no music beyond the grid's ranges."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from triton_models.score.model import MODES, ROLES
from triton_models.score_language import chord_symbols, grid
from triton_models.score_language.music import LONGEST_BAR, METERS, MOST_TRACKS

TASKS: Final = ("scratch", "continue", "infill", "layer", "vary")
BLOCKS: Final = ("Plan", "Recall", "Past", "Future", "Rest", "Write")
SECTIONS: Final = ("", "intro", "verse", "pre-chorus", "chorus", "bridge", "solo", "breakdown", "outro")
KITS: Final = (0, 8, 16, 24, 25, 32, 40, 48)  # General MIDI level 2 drum kits
MOST_BARS_LEFT: Final = 64
LONGEST_SECTION: Final = 32
DENSITIES: Final = 8
TEMPI: Final = 48  # twelfths of a doubling from 20 beats a minute
DISTANCES: Final = (1, 2, 4, 8)  # bars back, nearest first, that a repeat may name
RECALLED: Final = 0  # the distance that stands for the same place in the first occurrence of the section
_DRUM_KEYS: Final = range(27, 88)

# Only these are merged into longer tokens: what a track plays in a bar.
MERGED_KINDS: Final = frozenset({"Position", "Pitch", "Drum", "Duration", "Accent"})


def _names(genres: Sequence[str], moods: Sequence[str]) -> list[str]:
    columns: tuple[tuple[str, Sequence[object]], ...] = (
        ("Pad", ("",)),
        ("End", ("",)),
        ("Text", ("",)),
        ("Task", TASKS),
        *((block, ("",)) for block in BLOCKS),
        ("Want", ("",)),
        ("Avoid", ("",)),
        ("Genre", genres),
        ("Mood", moods),
        ("Meter", METERS),
        ("Mode", MODES),
        ("Tonic", range(12)),
        ("Tempo", range(TEMPI)),
        ("Track", range(MOST_TRACKS)),
        ("Role", ROLES),
        ("Program", range(128)),
        ("Kit", KITS),
        ("Section", SECTIONS),
        ("Bars", range(1, LONGEST_SECTION + 1)),
        ("Density", range(DENSITIES)),
        ("Bar", range(1, MOST_BARS_LEFT + 1)),
        ("Chord", [f"{root} {quality}" for root in range(12) for quality in chord_symbols.QUALITIES]),
        ("Level", range(grid.LEVELS)),
        ("Repeat", (RECALLED, *DISTANCES)),
        ("Position", range(LONGEST_BAR)),
        ("Pitch", range(128)),
        ("Drum", _DRUM_KEYS),
        ("Duration", grid.DURATIONS),
        ("Accent", grid.ACCENTS),
    )
    return [f"{kind}_{value}" for kind, values in columns for value in values]


@dataclass(frozen=True)
class Vocabulary:
    """Names by id, `Kind_value`; genres and moods are those of the corpus."""

    genres: tuple[str, ...]
    moods: tuple[str, ...]
    names: tuple[str, ...] = field(init=False)
    ids: dict[str, int] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(_names(self.genres, self.moods)))
        object.__setattr__(self, "ids", {name: index for index, name in enumerate(self.names)})

    def __len__(self) -> int:
        return len(self.names)

    def id(self, kind: str, value: object = "") -> int:
        """The id of a token; raises KeyError for one that does not exist."""
        return self.ids[f"{kind}_{value}"]

    def known(self, kind: str, value: object) -> bool:
        """Whether there is such a token."""
        return f"{kind}_{value}" in self.ids

    def kind(self, token: int) -> str:
        """`Pitch` of `Pitch_60`."""
        return self.names[token].partition("_")[0]

    def value(self, token: int) -> str:
        """`60` of `Pitch_60`."""
        return self.names[token].partition("_")[2]
