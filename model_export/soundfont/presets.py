"""The presets that Cadenza's composer plays, as General MIDI (bank, program) addresses; extend here."""

from typing import NamedTuple


class PresetAddress(NamedTuple):
    """Bank 128 holds drum kits; programs count from 0."""

    bank: int
    program: int


class LayerFold(NamedTuple):
    """A velocity layer that is left out: the layer that ends at `low - 1` answers from there to 127 instead."""

    preset: PresetAddress
    low: int


MELODIC_PROGRAMS: dict[str, tuple[int, ...]] = {
    "piano": (0, 1),
    "electric piano": (4, 5),
    "harpsichord": (6,),
    "celesta": (8,),
    "glockenspiel": (9,),
    "music box": (10,),
    "vibraphone": (11,),
    "marimba": (12,),
    "organ": (16, 17),
    "accordion": (21,),
    "harmonica": (22,),
    "acoustic guitar": (24, 25),
    "jazz guitar": (26,),
    "clean electric guitar": (27,),
    "muted guitar": (28,),
    "distorted guitar": (29, 30),
    "upright bass": (32,),
    "electric bass": (33, 34),
    "slap bass": (36,),
    "synth bass": (38, 39),
    "violin": (40,),
    "cello": (42,),
    "harp": (46,),
    "timpani": (47,),
    "strings": (48, 49),
    "synth strings": (50, 51),
    "choir": (52, 53),
    "trumpet": (56,),
    "trombone": (57,),
    "french horn": (60,),
    "brass section": (61,),
    "synth brass": (62, 63),
    "saxophone": (65, 66),
    "clarinet": (71,),
    "flute": (73,),
    "pan flute": (75,),
    "whistle": (78,),
    "square lead synth": (80,),
    "saw lead synth": (81,),
    "synth pad": (88, 89, 90, 91, 94, 95),
    "sitar": (104,),
    "banjo": (105,),
    "kalimba": (108,),
    "steel drums": (114,),
}

DRUM_KITS: dict[str, int] = {
    "standard": 0,
    "room": 8,
    "power": 16,
    "electronic": 24,
    "TR-808": 25,
    "jazz": 32,
    "brush": 40,
    "orchestra": 48,
}

DRUM_BANK = 128

CADENZA_PRESETS: tuple[PresetAddress, ...] = (
    *(PresetAddress(0, program) for programs in MELODIC_PROGRAMS.values() for program in programs),
    *(PresetAddress(DRUM_BANK, kit) for kit in DRUM_KITS.values()),
)

# The two grand pianos are half of the source font. Their fortissimo recordings (velocity 108 and above, which
# the composer hardly ever plays) cost 8 MB of file and 100 MB of memory; the mezzo-forte recordings, played
# louder, stand in for them.
CADENZA_FOLDS: tuple[LayerFold, ...] = (
    LayerFold(PresetAddress(0, 0), 108),
    LayerFold(PresetAddress(0, 1), 108),
)
