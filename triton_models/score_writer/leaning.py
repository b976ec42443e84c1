"""By how much tokens of a block are made likelier: harmony, compass, and sections that come again. Pure.

Numbers are log odds, found on briefs of the validation split: they bring the shipped model to the composer's shares.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from triton_models.score.model import Role
from triton_models.score_language.consonance import Consonance, Costs, Voice, cost_of
from triton_models.score_language.language import Language
from triton_models.score_language.music import Part, counterpart
from triton_models.score_language.parsing import Parser
from triton_models.score_language.vocabulary import DISTANCES, RECALLED

_ACCOMPANIMENT: Final = Voice(5.0, 5.0, 5.0, 5.0)
_MELODY: Final = Voice(4.0, 0.5, 0.0, 4.0)
_VOICES: Final[Mapping[Role, Voice]] = MappingProxyType({"melody": _MELODY, "counter": _MELODY})
_BEYOND: Final = 4.0  # against a key that an instrument does not have
_SAME_CHORD: Final = 8.0
_SAME_LAST_CHORD: Final = 1.5  # in the last bar of a section, which leads to what follows
_SAME_PART: Final[Mapping[Role, float]] = MappingProxyType(
    {"melody": 6.0, "counter": 6.0, "bass": 4.0, "chords": 2.0, "pad": 2.5, "drums": -2.5, "percussion": -2.0}
)


@dataclass(frozen=True, slots=True)
class Leaning:
    """How much of each there is, 1 for as much as the composer has and 0 for what the model learned by itself.

    `consonance` is of notes with chords, `returns` of sections with how they were first, `compass` of notes with what
    an instrument can play, `band` of a song's instruments with its genre.
    """

    consonance: float = 1.0
    returns: float = 1.0
    compass: float = 1.0
    band: float = 1.0


USUAL: Final = Leaning()
NOWHERE: Final = Leaning(0.0, 0.0, 0.0, 0.0)


def offsets_of(parser: Parser, language: Language, leaning: Leaning) -> Costs | None:
    """[tokens] for what comes next in a block; None where nothing speaks for or against any of them."""
    match parser.phase:
        case "chords" | "chord":
            return _of_chords(parser, language, leaning.returns)
        case "track" | "level":
            return _of_parts(parser, language, leaning)
        case "position" | "pitch" | "note" | "accent":
            return _of_notes(parser, language.consonance, leaning)
    return None


def _of_chords(parser: Parser, language: Language, weight: float) -> Costs | None:
    """For the chord that the first occurrence of the section has here."""
    before = counterpart(parser.sections, parser.number) if weight else None
    chords = () if before is None else parser.chords_in(before)
    place = max(0, parser.position) if parser.phase == "chord" else 0
    expected = next((chord for chord in chords if chord.position == place), None)
    if expected is None:
        return None
    offsets = np.zeros(language.grammar.size, dtype=np.float32)
    chord = language.vocabulary.id("Chord", f"{expected.root} {expected.quality}")
    offsets[chord] = weight * (_SAME_LAST_CHORD if parser.begins_section else _SAME_CHORD)
    return offsets


def _of_parts(parser: Parser, language: Language, leaning: Leaning) -> Costs:
    """Of repeats beside notes: for a return over the chords of then, against what does not fit to other chords."""
    track, now = parser.job.tracks[parser.track], parser.harmony(parser.number)
    notes = _of_notes(parser, language.consonance, leaning)
    offsets = np.zeros(language.grammar.size, dtype=np.float32) if notes is None else notes.copy()
    for distance, bar, part in _repeatable(parser):
        token = language.vocabulary.id("Repeat", distance)
        if parser.harmony(bar) == now:
            offsets[token] += leaning.returns * _SAME_PART[track.role] * (distance == RECALLED)
        elif not track.is_drum:
            offsets[token] -= leaning.consonance * cost_of(part.notes, now, _VOICES.get(track.role, _ACCOMPANIMENT))
    return offsets


def _repeatable(parser: Parser) -> list[tuple[int, int, Part]]:
    """What the track may repeat: by which distance, of which bar."""
    bars = [(distance, parser.number - distance) for distance in DISTANCES]
    if (first := counterpart(parser.sections, parser.number)) is not None:
        bars.append((RECALLED, first))
    found = [(distance, bar, parser.known.get((bar, parser.track))) for distance, bar in bars]
    return [(distance, bar, part) for distance, bar, part in found if part is not None]


def _of_notes(parser: Parser, consonance: Consonance, leaning: Leaning) -> Costs | None:
    """Against notes that are foreign to their chords or beyond the instrument."""
    track = parser.job.tracks[parser.track]
    if track.is_drum:
        return None
    voice, harmony = _VOICES.get(track.role, _ACCOMPANIMENT), parser.harmony(parser.number)
    if parser.phase == "pitch":
        costs = consonance.costs_of_lengths(harmony, voice, parser.position, parser.pitch)
    else:
        costs = consonance.costs(harmony, voice, parser.position)
    offsets = np.float32(-leaning.consonance) * costs
    if (compass := parser.job.compasses.get(parser.track)) is not None:
        offsets -= consonance.beyond(*compass, leaning.compass * _BEYOND)
    return offsets
