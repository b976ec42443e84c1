"""The brief that the composer obeys, schema cadenza.brief/1: reading it with every field checked."""

from dataclasses import dataclass
from typing import Final

from triton_models.composer.genres import GENRES
from triton_models.composer.instruments import INSTRUMENTS
from triton_models.composer.meter import METERS
from triton_models.score.document import read_key
from triton_models.score.fields import FieldError, Fields
from triton_models.score.model import Key

SCHEMA: Final = "cadenza.brief/1"
SECTION_NAMES: Final = (
    "intro",
    "verse",
    "pre-chorus",
    "chorus",
    "bridge",
    "solo",
    "breakdown",
    "outro",
)
LONGEST_SECONDS: Final = 3600.0
SHORTEST_SECONDS: Final = 5.0
MOST_WANTED: Final = 12
_MOST_SECTIONS: Final = 64


class BriefError(FieldError):
    """A brief is not a valid cadenza.brief/1, or asks for what cannot be composed."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What to compose; None leaves the choice to the composer.

    `bpm` counts quarters in x/4 and 7/8, dotted quarters in 6/8 and 12/8. `energy` is 0 to 1.
    """

    genre: str
    duration_seconds: float
    seed: int
    mood: str | None = None
    bpm: float | None = None
    key: Key | None = None
    meter: str | None = None
    instruments: tuple[str, ...] = ()
    excluded_instruments: tuple[str, ...] = ()
    energy: float | None = None
    sections: tuple[str, ...] | None = None
    title: str | None = None
    instrumental: bool = True


def parse_brief(text: str | bytes) -> Brief:
    """Read a brief document; unknown fields are ignored, missing optional ones count as null.

    Raises BriefError that names the first wrong field.
    """
    fields = Fields.parse(text, BriefError)
    fields.text("schema", choices=(SCHEMA,))
    wanted = _optional_names(fields, "instruments", MOST_WANTED, tuple(INSTRUMENTS))
    excluded = _optional_names(fields, "excluded_instruments", len(INSTRUMENTS), tuple(INSTRUMENTS))
    both = sorted(set(wanted) & set(excluded))
    if both:
        raise fields.fail("excluded_instruments", f"must not name a wanted instrument: {both[0]}")
    return Brief(
        genre=fields.text("genre", choices=tuple(GENRES)),
        duration_seconds=fields.number("duration_seconds", SHORTEST_SECONDS, LONGEST_SECONDS),
        seed=fields.integer("seed", 0, 2**63 - 1),
        mood=_optional_text(fields, "mood", 60),
        bpm=None if fields.absent("bpm") else fields.number("bpm", 30, 240),
        key=None if fields.absent("key") else read_key(fields.child("key")),
        meter=None if fields.absent("meter") else fields.text("meter", choices=tuple(METERS)),
        instruments=tuple(dict.fromkeys(wanted)),
        excluded_instruments=tuple(dict.fromkeys(excluded)),
        energy=None if fields.absent("energy") else fields.number("energy", 0, 1),
        sections=_optional_names(fields, "sections", _MOST_SECTIONS, SECTION_NAMES) or None,
        title=_optional_text(fields, "title", 200),
        instrumental=fields.absent("instrumental") or fields.boolean("instrumental"),
    )


def _optional_text(fields: Fields, name: str, longest: int) -> str | None:
    return None if fields.absent(name) else fields.text(name, longest=longest).strip() or None


def _optional_names(fields: Fields, name: str, longest: int, choices: tuple[str, ...]) -> tuple[str, ...]:
    return () if fields.absent(name) else fields.names(name, longest, choices)
