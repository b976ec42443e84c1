"""Keys: a tonic and a mode, read from the notations people use. Reading them out of prose is key_terms' duty."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, get_args

from domain.music.text import phrase, unaccented

Mode = Literal["major", "minor", "dorian", "mixolydian", "phrygian", "lydian", "harmonic_minor"]
MODES: Final[tuple[Mode, ...]] = get_args(Mode)

# The tonic whose scale needs no accidentals: what a mode without a tonic is given.
WHITE_KEY_TONIC: Final = MappingProxyType(
    {
        "major": "C",
        "minor": "A",
        "dorian": "D",
        "mixolydian": "G",
        "phrygian": "E",
        "lydian": "F",
        "harmonic_minor": "A",
    }
)

_MODE_WORDS: Final[dict[tuple[str, ...], Mode]] = {
    **{phrase(word): "major" for word in ("major", "maj", "ionian", "dur", "mayor", "majeur", "maggiore")},
    **{phrase(word): "minor" for word in ("minor", "min", "aeolian", "natural minor", "moll", "menor", "mineur")},
    **{phrase(word): "minor" for word in ("minore", "eolian", "melodic minor")},
    **{phrase(word): "dorian" for word in ("dorian", "dorisch", "dorico", "dorien")},
    **{phrase(word): "mixolydian" for word in ("mixolydian", "mixolydisch", "mixolidio", "mixolydien")},
    **{phrase(word): "phrygian" for word in ("phrygian", "phrygisch", "frigio", "phrygien")},
    **{phrase(word): "lydian" for word in ("lydian", "lydisch", "lidio", "lydien")},
    **{phrase(word): "harmonic_minor" for word in ("harmonic minor", "minor harmonic", "harmonisch moll")},
    phrase("menor armonica"): "harmonic_minor",
}
_GERMAN_MODES: Final = frozenset({"dur", "moll"})
_SOLFEGE: Final = MappingProxyType(
    {"do": "C", "ut": "C", "re": "D", "mi": "E", "fa": "F", "sol": "G", "la": "A", "si": "B"}
)
_ACCIDENTALS: Final = MappingProxyType(
    {"sharp": "#", "sostenido": "#", "diese": "#", "flat": "b", "bemol": "b", "bemolle": "b"}
)
_GERMAN_TONICS: Final = MappingProxyType(
    {"cis": "C#", "dis": "D#", "fis": "F#", "gis": "G#", "ais": "A#", "h": "B", "b": "Bb"}
    | {"des": "Db", "es": "Eb", "ges": "Gb", "as": "Ab"}
)
_SIGNS: Final = str.maketrans({"♯": "#", "♭": "b"})
_COMPACT_MODES: Final[dict[str, Mode]] = {"m": "minor", "min": "minor", "maj": "major"}
_NATURAL: Final = frozenset("ABCDEFG")
_TONICS: Final = frozenset({letter + sign for letter in _NATURAL for sign in ("", "#", "b")})


@dataclass(frozen=True)
class Key:
    """`tonic` is a letter with an optional `#` or `b`, such as `Bb`."""

    tonic: str
    mode: Mode

    def __post_init__(self) -> None:
        if self.tonic not in _TONICS or self.mode not in MODES:
            raise ValueError(f"no such key: {self.tonic} {self.mode}")

    def label(self) -> str:
        """As people write it, `F# harmonic minor`."""
        return f"{self.tonic} {self.mode.replace('_', ' ')}"

    @classmethod
    def parse(cls, text: str) -> "Key | None":
        """The key a whole text names (`Am`, `F# maj`, `d-moll`, `la menor`); None when it names none.

        A tonic alone is a major key. `B` is read the German way, as B flat, only before `Dur` and `moll`.
        """
        words = phrase(text.translate(_SIGNS))
        if not words:
            return None
        if len(words) == 1:
            return compact_key(unaccented(text).strip())
        for length in (2, 1):
            tonic = tonic_of(words[:-length], german=words[-1] in _GERMAN_MODES)
            mode = mode_of(words[-length:])
            if tonic and mode:
                return cls(tonic, mode)
        tonic = tonic_of(words)
        return cls(tonic, "major") if tonic else None


def mode_of(words: tuple[str, ...]) -> Mode | None:
    """The mode that exactly these folded words name."""
    return _MODE_WORDS.get(words)


def as_mode(name: str) -> Mode:
    """The mode of that public name; raises ValueError."""
    for mode in MODES:
        if mode == name:
            return mode
    raise ValueError(f"no such mode: {name}")


def tonic_of(words: tuple[str, ...], *, german: bool = False) -> str | None:
    """The tonic that exactly these folded words name: `f#`, `e flat`, `cis` (German only), `si bemol`."""
    if not words or len(words) > 2:
        return None
    first = words[0].translate(_SIGNS)
    if german and len(words) == 1 and first in _GERMAN_TONICS:
        return _GERMAN_TONICS[first]
    letter = _SOLFEGE.get(first) or first[:1].upper() + first[1:]
    sign = _ACCIDENTALS.get(words[1], "?") if len(words) == 2 else ""
    return letter + sign if letter + sign in _TONICS else None


def compact_key(raw: str) -> Key | None:
    """A key in one word: `Am`, `F#m`, `Bbmaj`, `c♯m`, `G`. The suffix `M` is major, `m` minor."""
    plain = raw.translate(_SIGNS)
    for size in (2, 1):
        tonic = plain[:size][:1].upper() + plain[1:size]
        suffix = plain[size:]
        if len(tonic) < size or tonic not in _TONICS:
            continue
        if suffix in ("", "M"):
            return Key(tonic, "major")
        mode = _COMPACT_MODES.get(suffix if suffix == "m" else suffix.casefold())
        if mode:
            return Key(tonic, mode)
    return None
