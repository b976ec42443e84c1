"""The few facts of a cadenza.score/1 document that the platform itself needs. The music stays opaque bytes."""

import json
from dataclasses import dataclass
from typing import Any

from domain.kit.errors import EngineRefused

COMPOUND_DENOMINATOR = 8
QUARTERS_PER_DOTTED_QUARTER = 1.5


def bar_seconds(bpm: float, meter: str) -> float:
    """How long a bar is: `bpm` counts quarter notes, or dotted quarters in a compound meter such as `6/8`."""
    numerator, denominator = (int(part) for part in meter.split("/"))
    return numerator * 4 / denominator / beat_quarters(numerator, denominator) * 60 / bpm


def beat_quarters(numerator: int, denominator: int) -> float:
    """How many quarter notes a beat of this meter counts."""
    return QUARTERS_PER_DOTTED_QUARTER if is_compound(numerator, denominator) else 1.0


def is_compound(numerator: int, denominator: int) -> bool:
    """Whether the beat is a dotted quarter, as in 6/8 and 12/8."""
    return denominator == COMPOUND_DENOMINATOR and numerator % 3 == 0


@dataclass(frozen=True)
class ScoreOutline:
    """`bpm` counts quarter notes, or dotted quarters in 6/8 and 12/8; `track_ids` are in the score's order."""

    title: str
    genre: str
    mood: str
    key: str
    bpm: float
    meter: str
    track_ids: tuple[str, ...]

    @classmethod
    def parse(cls, score: bytes) -> "ScoreOutline":
        """Raises `EngineRefused` when the document lacks what every score has."""
        try:
            return cls._read(json.loads(score))
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise EngineRefused("INVALID_SCORE", f"the composer's score cannot be read ({error})") from error

    @classmethod
    def _read(cls, score: dict[str, Any]) -> "ScoreOutline":
        meter = score["meter_map"][0]
        numerator, denominator = int(meter["numerator"]), int(meter["denominator"])
        quarters = float(score["tempo_map"][0]["qpm"])
        return cls(
            title=str(score["title"]),
            genre=str(score["genre"]),
            mood=str(score["mood"]),
            key=f"{score['key']['tonic']} {score['key']['mode'].replace('_', ' ')}",
            bpm=round(quarters / beat_quarters(numerator, denominator), 3),
            meter=f"{numerator}/{denominator}",
            track_ids=tuple(str(track["id"]) for track in score["tracks"]),
        )
