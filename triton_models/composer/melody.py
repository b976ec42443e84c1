"""Melody: motifs stated, repeated, sequenced and developed over phrases that close on chord tones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Final, Literal

import numpy as np

from triton_models.composer.arrangement import Part
from triton_models.composer.instruments import Instrument
from triton_models.composer.meter import STEPS_PER_QUARTER, Hit, Meter, hits
from triton_models.composer.motif import Motif, cadence, fragment, invent_motif, invert, relate
from triton_models.composer.plan import Plan
from triton_models.composer.randomness import pick
from triton_models.composer.song import Bar, Event
from triton_models.composer.theory import SCALES, ChordTones, nearest_degree, scale_pitch
from triton_models.score.model import Key

Operation = Literal["state", "answer", "raise", "raise twice", "invert", "fragment", "close"]

_PHRASES: Final[tuple[tuple[Operation, ...], ...]] = (
    ("state", "state", "invert", "close"),
    ("state", "raise", "raise twice", "close"),
    ("state", "answer", "state", "close"),
    ("state", "answer", "fragment", "close"),
    ("state", "raise", "answer", "close"),
)
_LIFT: Final[Mapping[str, int]] = MappingProxyType(
    {"chorus": 4, "solo": 3, "pre-chorus": 2, "bridge": 1, "verse": -1, "outro": -1, "intro": -2}
)
_DENSITY: Final[Mapping[str, float]] = MappingProxyType(
    {"chorus": 1.7, "solo": 1.9, "bridge": 0.75, "breakdown": 0.6, "outro": 0.75, "intro": 0.7}
)
_PREFERRED_CENTRE: Final = 71
_REACH: Final = 11  # semitones that a line may go from its centre
_STRONG_LENGTH: Final = 4  # steps from which a note counts as long
_BLUE_SHARE: Final = 0.35
_REPEAT_COST: Final = 1.1
_TONIC_PULL: Final = 0.7  # scale steps by which the tonic seems nearer than other chord tones


@dataclass(frozen=True, slots=True)
class Theme:
    """What a section's tune is made of: two motifs, a way to build phrases, and its centre as a MIDI key."""

    statement: Motif
    answer: Motif
    phrase: tuple[Operation, ...]
    centre: int


@dataclass(frozen=True, slots=True)
class Singer:
    """The setting a tune is written in: key, meter, the compass of the instrument, blue notes or not."""

    key: Key
    meter: Meter
    low: int
    high: int
    blue: bool


def singer_for(plan: Plan, part: Part) -> Singer:
    blue = plan.pool.phrase == 12 and not plan.key.is_minor
    return Singer(plan.key, plan.meter, part.instrument.low, part.instrument.high, blue)


def melody(plan: Plan, part: Part, bars: Sequence[Bar]) -> list[Event]:
    """The lead part for the bars in which it plays; sections of one name share their tune."""
    singer = singer_for(plan, part)
    themes = _themes(plan, part, bars)
    events: list[Event] = []
    for section, row in groupby(bars, key=lambda bar: bar.section):
        rng = plan.stream("tune", section.name)
        events.extend(_tune(singer, themes[section.name], list(row), rng))
    return events


def _themes(plan: Plan, part: Part, bars: Sequence[Bar]) -> Mapping[str, Theme]:
    """The verse's theme is invented, every other one is derived from it."""
    rng = plan.stream("motif")
    density = _density(plan)
    verse = invent_motif(plan.meter, density, rng)
    answer = invent_motif(plan.meter, density, rng)
    themes: dict[str, Theme] = {}
    for name in sorted({bar.section.name for bar in bars}):
        draw = plan.stream("theme", name)
        wanted = density * _DENSITY.get(name, 1.0)
        alike = name in ("verse", "intro", "outro")
        statement = verse if alike else relate(verse, plan.meter, wanted, draw)
        reply = answer if alike else relate(answer, plan.meter, wanted, draw)
        lift = _LIFT.get(name, 0)
        themes[name] = Theme(
            _turned(statement, lift), _turned(reply, lift), pick(draw, _PHRASES), _centre(part.instrument, lift)
        )
    return themes


def _turned(motif: Motif, lift: int) -> Motif:
    """High-lying sections rise from their first note, low-lying ones fall."""
    tendency = sum(motif.contour)
    return invert(motif) if tendency * (1 if lift > 0 else -1) < 0 else motif


def _density(plan: Plan) -> float:
    """Onsets per quarter: more by style and energy, fewer the faster the beat."""
    pace = float(np.clip(105.0 * plan.meter.pulse_quarters / plan.qpm, 0.55, 1.35))
    return plan.style.melody_density * (0.55 + 0.95 * plan.energy) * pace * 1.15


def _centre(instrument: Instrument, lift: int) -> int:
    resting = max(instrument.low + 7, min(instrument.high - 11, _PREFERRED_CENTRE))
    return max(instrument.low + 5, min(instrument.high - 5, resting + lift))


def _tune(singer: Singer, theme: Theme, bars: Sequence[Bar], rng: np.random.Generator) -> list[Event]:
    events: list[Event] = []
    degree = nearest_degree(singer.key, theme.centre)
    for index, bar in enumerate(bars):
        operation = _operation(theme, index, len(bars))
        motif, shift = _develop(theme, operation, singer.meter, rng)
        target = round((degree + nearest_degree(singer.key, theme.centre)) / 2) + shift
        degrees = _degrees(singer, motif, bar.chord, target, theme.centre, closing=operation == "close")
        degree = degrees[-1] if degrees else degree
        events.extend(_sing(singer, theme, motif, degrees, bar, rng))
    return events


def _operation(theme: Theme, index: int, bars: int) -> Operation:
    if index == bars - 1 and bars > 1:
        return "close"
    return theme.phrase[index % len(theme.phrase)]


def _develop(theme: Theme, operation: Operation, meter: Meter, rng: np.random.Generator) -> tuple[Motif, int]:
    """The motif of a bar and how many scale steps it is moved."""
    match operation:
        case "state":
            return theme.statement, 0
        case "answer":
            return theme.answer, 0
        case "raise":
            return theme.statement, 1
        case "raise twice":
            return theme.statement, 2
        case "invert":
            return invert(theme.statement), 1
        case "fragment":
            return fragment(theme.statement, meter), 0
        case "close":
            return cadence(meter, rng), 1


def _degrees(singer: Singer, motif: Motif, chord: ChordTones, target: int, centre: int, closing: bool) -> list[int]:
    """Scale degrees of the onsets: strong and long notes, and the goal of a cadence, are chord tones.

    Where the contour would leave the compass it is turned around.
    """
    onsets = hits(motif.grid)
    anchor = nearest_chord_degree(chord, target)
    degrees: list[int] = []
    for index, (hit, distance) in enumerate(zip(onsets, motif.contour, strict=True)):
        degree = anchor + distance
        if abs(scale_pitch(singer.key, degree) - centre) >= _REACH:
            degree = anchor - distance
        goal = closing and index == len(onsets) - 1
        if goal or hit.step in singer.meter.group_starts or hit.length >= _STRONG_LENGTH:
            degree = nearest_chord_degree(chord, degree, degrees[-1] if degrees else None)
        degrees.append(degree)
    return degrees


def nearest_chord_degree(chord: ChordTones, degree: int, before: int | None = None) -> int:
    """The closest scale degree that is root, third or fifth of the chord.

    The tonic pulls, and the note `before` is rather not repeated.
    """
    steps = {(chord.step + third) % 7 for third in (0, 2, 4)}
    near = [candidate for candidate in range(degree - 3, degree + 4) if candidate % 7 in steps]
    return min(near, key=lambda candidate: _reluctance(candidate, degree, before))


def _reluctance(candidate: int, degree: int, before: int | None) -> float:
    pull = _TONIC_PULL if candidate % 7 == 0 else 0.0
    repeat = _REPEAT_COST if candidate == before else 0.0
    return abs(candidate - degree) - pull + repeat


def _sing(
    singer: Singer, theme: Theme, motif: Motif, degrees: Sequence[int], bar: Bar, rng: np.random.Generator
) -> list[Event]:
    events: list[Event] = []
    for hit, degree in zip(hits(motif.grid), degrees, strict=True):
        pitch = into_compass(singer, chord_coloured(singer.key, bar.chord, degree), theme.centre)
        if singer.blue and degree % 7 == 2 and hit.length < _STRONG_LENGTH and rng.random() < _BLUE_SHARE:
            pitch -= 1
        start = bar.start + hit.step / STEPS_PER_QUARTER
        events.append(Event(start, hit.length / STEPS_PER_QUARTER * 0.95, pitch, _accent(hit, singer.meter)))
    return events


def _accent(hit: Hit, meter: Meter) -> float:
    return 5.0 if hit.step == 0 else 2.0 if hit.step in meter.group_starts else -4.0


def chord_coloured(key: Key, chord: ChordTones, degree: int) -> int:
    """MIDI key of a scale degree, sharpened or flattened where the chord alters that step."""
    pitch = scale_pitch(key, degree)
    in_scale = {(key.pitch_class + step) % 12 for step in SCALES[key.mode]}
    if pitch % 12 in chord.pitch_classes:
        return pitch
    for altered in (pitch + 1, pitch - 1):
        if altered % 12 in chord.pitch_classes and altered % 12 not in in_scale:
            return altered
    return pitch


def into_compass(singer: Singer, pitch: int, centre: int) -> int:
    """Move by octaves to within reach of the centre and inside the instrument's compass."""
    low, high = max(singer.low, centre - _REACH), min(singer.high, centre + _REACH + 2)
    while pitch > high:
        pitch -= 12
    while pitch < low:
        pitch += 12
    return pitch
