"""What a genre is to the composer: the tables that its pieces are drawn from."""

from dataclasses import dataclass
from typing import Literal

from triton_models.composer.theory import Extension

Swing = Literal["straight", "eighths", "sixteenths"]
FormKind = Literal["song", "club", "instrumental"]


@dataclass(frozen=True, slots=True)
class GenreStyle:
    """The musical tables of one genre.

    `bpm` bounds the tempo in simple meters and `compound_bpm` the dotted-quarter tempo. `harmonies`
    name HarmonyPools. The instrument lists name INSTRUMENTS; `comping`, `bass_lines` and `drums` name
    patterns, and no drums means a kit plays only when asked for, with `spare_drums`. `swing` delays the
    off-beats by up to `swing_amount` of a swung pair (0 straight, 1 triplets). `looseness` is the
    standard deviation of the timing in seconds.
    """

    name: str
    bpm: tuple[int, int]
    harmonies: tuple[str, ...]
    chords: tuple[str, ...]
    bass: tuple[str, ...]
    melody: tuple[str, ...]
    pad: tuple[str, ...]
    comping: tuple[str, ...]
    bass_lines: tuple[str, ...]
    drums: tuple[str, ...]
    energy: float
    reverb: float
    extension: Extension = "triad"
    spare_drums: str = "pop"
    kit: int = 0
    swing: Swing = "straight"
    swing_amount: float = 0.0
    looseness: float = 0.005
    meters: tuple[str, ...] = ("4/4",)
    compound_bpm: tuple[int, int] | None = None
    form: FormKind = "song"
    pad_chance: float = 0.55
    melody_chance: float = 1.0
    drums_chance: float = 1.0
    melody_density: float = 1.0
    bars_per_chord: tuple[int, ...] = (1,)
    solo: bool = False
