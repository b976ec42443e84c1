"""What is to be composed, field by field, and where each field came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from domain.music.keys import Key
from domain.music.meters import Meter

__all__ = ["BriefOverrides", "Key", "Meter", "MusicBrief", "Provenance"]

Provenance = Literal["field", "prompt", "similarity", "default"]


@dataclass(frozen=True)
class BriefOverrides:
    """Fields that a request states outright; None where it leaves them to the prompt.

    `genre` and the instruments are public names; `mood` is any word. `energy` is 0 to 1.
    """

    genre: str | None = None
    mood: str | None = None
    bpm: float | None = None
    key: Key | None = None
    meter: Meter | None = None
    instruments: tuple[str, ...] | None = None
    excluded_instruments: tuple[str, ...] | None = None
    energy: float | None = None
    sections: tuple[str, ...] | None = None
    instrumental: bool | None = None


@dataclass(frozen=True)
class MusicBrief:
    """A prompt as it was understood. None leaves a field to the composer.

    `bpm` counts quarters in x/4 and 7/8, dotted quarters in 6/8 and 12/8. `sources` has an entry for every
    field above it; `confidence` has the likeness, 0 to 1, of every field whose source is `similarity`.
    """

    genre: str
    mood: str | None = None
    bpm: float | None = None
    key: Key | None = None
    meter: Meter | None = None
    instruments: tuple[str, ...] = ()
    excluded_instruments: tuple[str, ...] = ()
    energy: float | None = None
    sections: tuple[str, ...] | None = None
    instrumental: bool = True
    sources: Mapping[str, Provenance] = field(default_factory=dict)
    confidence: Mapping[str, float] = field(default_factory=dict)
