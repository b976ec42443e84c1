"""The sections, bars and chords of a score as a ChordPro text, for people who want to play along. Pure.

Grids as chordpro.org describes `start_of_grid`: a cell is a beat, and `.` says that the chord goes on.
"""

import json
import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from domain.generation.outline import ScoreOutline, is_compound
from domain.kit.errors import EngineRefused
from domain.music.keys import Key

BARS_IN_A_LINE = 4
# How finely a beat may be divided where chords change within it.
DIVISIONS = (1, 2, 4)
NO_CHORD = "N.C."
GOES_ON = "."
MINOR_MODES = frozenset({"minor", "harmonic_minor", "dorian", "phrygian"})
# What would end a directive, or begin one.
BRACES = str.maketrans("{}", "()")
ROUNDING = 1e-3


@dataclass(frozen=True)
class Bar:
    """From `start` to `end`, in `beats` cells; all in quarter notes."""

    start: float
    end: float
    beats: int


@dataclass(frozen=True)
class Chords:
    """Symbols and the quarter notes from which on they sound, ascending."""

    starts: Sequence[float]
    symbols: Sequence[str]

    def at(self, beat: float) -> str:
        index = bisect_right(self.starts, beat + ROUNDING) - 1
        return self.symbols[index] if index >= 0 else NO_CHORD

    def changes(self, start: float, end: float) -> list[float]:
        """Where another chord begins behind `start` and before `end`."""
        return [beat for beat in self.starts if start + ROUNDING < beat < end - ROUNDING]


def chord_sheet(score: bytes, title: str, artist: str) -> bytes:
    """UTF-8 text; raises `EngineRefused` when the score lacks what every score has."""
    outline = ScoreOutline.parse(score)
    try:
        return "\n".join(_lines(json.loads(score), outline, title, artist)).encode()
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise EngineRefused("INVALID_SCORE", f"the score's chords cannot be read ({error})") from error


def _lines(score: dict[str, Any], outline: ScoreOutline, title: str, artist: str) -> Iterator[str]:
    directives = {
        "title": title.translate(BRACES),
        "artist": artist.translate(BRACES),
        "key": _key(outline.key),
        "time": outline.meter,
        "tempo": f"{outline.bpm:g}",
    }
    yield from (f"{{{name}: {value}}}" for name, value in directives.items())
    bars, chords = list(_bars(score)), _chords(score)
    for name, start, end in _sections(score):
        inside = [bar for bar in bars if start - ROUNDING <= bar.start < end - ROUNDING]
        if inside:
            yield from ("", f'{{start_of_grid label="{name}"}}', *_grid(inside, chords), "{end_of_grid}")
    yield ""


def _grid(bars: Sequence[Bar], chords: Chords) -> Iterator[str]:
    for first in range(0, len(bars), BARS_IN_A_LINE):
        cells = (" ".join(_cells(bar, chords)) for bar in bars[first : first + BARS_IN_A_LINE])
        yield f"| {' | '.join(cells)} |"


def _cells(bar: Bar, chords: Chords) -> Iterator[str]:
    """The chord that sounds where the bar begins, and each other one where it comes."""
    changes = chords.changes(bar.start, bar.end)
    length, places = _cell_length(bar, changes)
    yield chords.at(bar.start)
    for cell in range(1, round((bar.end - bar.start) / length)):
        yield chords.at(changes[places.index(cell)]) if cell in places else GOES_ON


def _cell_length(bar: Bar, changes: Sequence[float]) -> tuple[float, list[int]]:
    """A beat, or the part of one that gives every change a cell of its own if one does; and those cells."""
    for division in DIVISIONS:
        length = (bar.end - bar.start) / (bar.beats * division)
        places = [math.floor((beat - bar.start) / length + ROUNDING) for beat in changes]
        if 0 not in places and len(set(places)) == len(places):
            break
    return length, places


def _bars(score: dict[str, Any]) -> Iterator[Bar]:
    """All bars to the end of the piece, each in the meter of its place."""
    changes = [(float(each["beat"]), int(each["numerator"]), int(each["denominator"])) for each in score["meter_map"]]
    end = float(score["duration_beats"])
    for (start, numerator, denominator), (stop, *_) in pairwise([*changes, (end, 0, 0)]):
        length = numerator * 4 / denominator
        beats = numerator // 3 if is_compound(numerator, denominator) else numerator
        for number in range(math.ceil((stop - start) / length - ROUNDING)):
            yield Bar(start + number * length, start + (number + 1) * length, beats)


def _chords(score: dict[str, Any]) -> Chords:
    """One behind the other, without those that only repeat the one before."""
    starts: list[float] = []
    symbols: list[str] = []
    for chord in score["chords"]:
        if not symbols or symbols[-1] != chord["symbol"]:
            starts.append(float(chord["start"]))
            symbols.append(str(chord["symbol"]) or NO_CHORD)
    return Chords(starts, symbols)


def _sections(score: dict[str, Any]) -> Iterator[tuple[str, float, float]]:
    """The sections with their names for people; what is behind the last one is the end ringing out."""
    found = score["sections"] or [{"name": "song", "start": 0.0, "end": score["duration_beats"]}]
    for section in found:
        name = str(section["name"]).translate(BRACES).replace('"', "'")
        yield name[:1].upper() + name[1:], float(section["start"]), float(section["end"])


def _key(label: str) -> str:
    """As a chord, which is how ChordPro names keys."""
    key = Key.parse(label)
    return label if key is None else key.tonic + ("m" if key.mode in MINOR_MODES else "")
