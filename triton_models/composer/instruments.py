"""The public vocabulary of instruments: General MIDI programs, comfortable ranges and natural roles."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from triton_models.score.model import Role

Family = Literal["keys", "mallet", "plucked", "guitar", "bowed", "ensemble", "wind", "brass", "synth", "bass", "drums"]


@dataclass(frozen=True, slots=True)
class Instrument:
    """`low` and `high` bound where the instrument sounds natural as MIDI keys; `roles` in order of fit."""

    name: str
    family: Family
    programs: tuple[int, ...]
    low: int
    high: int
    roles: tuple[Role, ...]

    @property
    def is_drum(self) -> bool:
        return self.family == "drums"

    @property
    def sustains(self) -> bool:
        """True when a held note does not die away."""
        return self.family in ("bowed", "ensemble", "wind", "brass", "synth") or self.name in _BELLOWS


_BELLOWS: Final = frozenset({"organ", "accordion"})
_CHORDAL: Final[tuple[Role, ...]] = ("chords", "melody")
_LYRIC: Final[tuple[Role, ...]] = ("melody", "counter")
_HELD: Final[tuple[Role, ...]] = ("pad", "chords", "melody")

_ALL: Final = (
    Instrument("piano", "keys", (0, 1), 36, 96, _CHORDAL),
    Instrument("electric piano", "keys", (4, 5), 40, 88, _CHORDAL),
    Instrument("harpsichord", "keys", (6,), 41, 84, _CHORDAL),
    Instrument("organ", "keys", (16, 17), 40, 84, ("chords", "pad", "melody")),
    Instrument("accordion", "keys", (21,), 53, 86, ("melody", "chords")),
    Instrument("celesta", "mallet", (8,), 60, 96, ("melody", "chords")),
    Instrument("glockenspiel", "mallet", (9,), 67, 96, _LYRIC),
    Instrument("music box", "mallet", (10,), 60, 96, ("melody", "chords")),
    Instrument("vibraphone", "mallet", (11,), 53, 89, ("melody", "chords")),
    Instrument("marimba", "mallet", (12,), 48, 91, ("melody", "chords")),
    Instrument("kalimba", "mallet", (108,), 55, 86, ("melody", "chords")),
    Instrument("steel drums", "mallet", (114,), 55, 84, ("melody", "chords")),
    Instrument("timpani", "bass", (47,), 36, 57, ("bass",)),
    Instrument("acoustic guitar", "guitar", (24, 25), 40, 79, _CHORDAL),
    Instrument("jazz guitar", "guitar", (26,), 40, 79, _CHORDAL),
    Instrument("clean electric guitar", "guitar", (27,), 40, 82, _CHORDAL),
    Instrument("muted guitar", "guitar", (28,), 45, 79, _CHORDAL),
    Instrument("distorted guitar", "guitar", (29, 30), 40, 84, _CHORDAL),
    Instrument("banjo", "plucked", (105,), 50, 84, _CHORDAL),
    Instrument("sitar", "plucked", (104,), 48, 79, _LYRIC),
    Instrument("harp", "plucked", (46,), 36, 91, _CHORDAL),
    Instrument("upright bass", "bass", (32,), 28, 52, ("bass",)),
    Instrument("electric bass", "bass", (33, 34), 28, 52, ("bass",)),
    Instrument("slap bass", "bass", (36,), 28, 52, ("bass",)),
    Instrument("synth bass", "bass", (38, 39), 28, 52, ("bass",)),
    Instrument("violin", "bowed", (40,), 57, 91, _LYRIC),
    Instrument("cello", "bowed", (42,), 36, 69, ("melody", "counter", "bass")),
    Instrument("strings", "ensemble", (48, 49), 40, 86, _HELD),
    Instrument("synth strings", "ensemble", (50, 51), 40, 86, _HELD),
    Instrument("choir", "ensemble", (52, 53), 48, 79, ("pad", "melody")),
    Instrument("trumpet", "brass", (56,), 55, 82, _LYRIC),
    Instrument("trombone", "brass", (57,), 43, 70, _LYRIC),
    Instrument("french horn", "brass", (60,), 43, 74, _LYRIC),
    Instrument("brass section", "brass", (61,), 48, 79, ("melody", "chords", "counter")),
    Instrument("synth brass", "synth", (62, 63), 45, 81, ("melody", "chords")),
    Instrument("saxophone", "wind", (65, 66), 50, 80, _LYRIC),
    Instrument("clarinet", "wind", (71,), 52, 86, _LYRIC),
    Instrument("flute", "wind", (73,), 60, 91, _LYRIC),
    Instrument("pan flute", "wind", (75,), 60, 86, _LYRIC),
    Instrument("whistle", "wind", (78,), 67, 91, _LYRIC),
    Instrument("harmonica", "wind", (22,), 60, 84, _LYRIC),
    Instrument("square lead synth", "synth", (80,), 48, 91, ("melody", "chords")),
    Instrument("saw lead synth", "synth", (81,), 48, 91, ("melody", "chords")),
    Instrument("synth pad", "ensemble", (88, 89, 90, 91, 94, 95), 40, 84, _HELD),
    Instrument("drums", "drums", (), 35, 81, ("drums",)),
    Instrument("brushed drums", "drums", (40,), 35, 81, ("drums",)),
    Instrument("percussion", "drums", (0,), 35, 81, ("percussion",)),
)

KITS: Final = (0, 8, 16, 24, 25, 32, 48)  # of General MIDI level 2, without the brushes
INSTRUMENTS: Final[Mapping[str, Instrument]] = MappingProxyType({entry.name: entry for entry in _ALL})
