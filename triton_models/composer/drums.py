"""Drum and percussion parts: a groove realised for each section, with fills at section ends and crashes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np

from triton_models.composer.arrangement import Part, drum_pattern
from triton_models.composer.drum_families import Line, hand_lines
from triton_models.composer.drum_grooves import GROOVES
from triton_models.composer.drum_keys import (
    CLOSED_HAT,
    CRASH,
    HAND_PERCUSSION,
    HIGH_TOM,
    KICK,
    LOW_TOM,
    MIDDLE_TOM,
    RIDE,
    SNARE,
    TIMEKEEPERS,
)
from triton_models.composer.meter import STEPS_PER_QUARTER, Meter
from triton_models.composer.plan import Plan
from triton_models.composer.randomness import pick
from triton_models.composer.song import Bar, Event, SectionPlan

STROKE_LENGTH: Final = 1 / STEPS_PER_QUARTER
MIDDLING_VELOCITY: Final = 84  # the accent of a stroke is its velocity above this

_LIGHT_SECTIONS: Final = frozenset({"intro", "breakdown"})
_RIDE_SECTIONS: Final = frozenset({"chorus", "solo"})
_FILL_VOICES: Final = (SNARE, HIGH_TOM, MIDDLE_TOM, LOW_TOM)
_SIMPLE_FILLS: Final = ("xxxx", "x.xx", "xx.x", "x.x.xxxx", "..x.xxxx")
_COMPOUND_FILLS: Final = ("x.x.x.", "x.x.xx", "x.xxxx", "..x.x.x.x.x.")

Stroke = tuple[int, int, float]  # step, key, accent


@dataclass(frozen=True, slots=True)
class DrumKit:
    """The lines a drummer plays in this meter, and whether the style has fills and crash cymbals."""

    lines: tuple[Line, ...]
    fills: bool
    rides: bool


def plan_drums(plan: Plan, part: Part) -> DrumKit:
    """Choose the lines of a drum or percussion part; excluded percussion leaves the kit's own drums."""
    if part.role == "percussion":
        return DrumKit(hand_lines(plan.meter), fills=False, rides=False)
    brushed = part.instrument.name == "brushed drums"
    groove = GROOVES["brush" if brushed else _kit_pattern(plan)]
    lines = groove.in_meter(plan.meter)
    if "percussion" in plan.brief.excluded_instruments:
        lines = tuple(line for line in lines if line.key not in HAND_PERCUSSION)
    if len(lines) < 2:
        lines = GROOVES["pop"].in_meter(plan.meter)
    rides = groove.family == "beat" and plan.stream("ride").random() < 0.5
    return DrumKit(lines, groove.fills, rides)


def _kit_pattern(plan: Plan) -> str:
    pattern = drum_pattern(plan)
    return "pop" if pattern == "brush" else pattern


def drums(kit: DrumKit, bars: Sequence[Bar], meter: Meter, energy: float, rng: np.random.Generator) -> list[Event]:
    """The part for the bars in which it plays: one groove per section, varied every fourth bar."""
    events: list[Event] = []
    for section, row in groupby(bars, key=lambda bar: bar.section):
        usual = _realise(kit, section, energy, rng)
        varied = _realise(kit, section, min(1.0, energy + 0.15), rng)
        for bar in row:
            strokes = varied if bar.offset % 4 == 3 else usual
            events.extend(_bar_events(kit, bar, strokes, meter, energy, rng))
    return events


def _realise(kit: DrumKit, section: SectionPlan, energy: float, rng: np.random.Generator) -> list[Stroke]:
    """Decide which light and off-beat strokes of the groove this section has."""
    light = section.name in _LIGHT_SECTIONS
    drive = (energy + section.intensity) / 2
    strokes: list[Stroke] = []
    for line in kit.lines:
        key = RIDE if kit.rides and line.key == CLOSED_HAT and section.name in _RIDE_SECTIONS else line.key
        for step, symbol in enumerate(line.grid):
            if _sounds(symbol, step, line, drive, light, rng):
                accent = line.velocity * (1.0 if symbol == "x" else 0.72) - MIDDLING_VELOCITY
                strokes.append((step, key, accent - (8.0 if light else 0.0)))
    return strokes


def _sounds(symbol: str, step: int, line: Line, drive: float, light: bool, rng: np.random.Generator) -> bool:
    if symbol == ".":
        return False
    if light and line.key not in TIMEKEEPERS and not (line.key == KICK and symbol == "x"):
        return False
    if symbol == "o":
        return bool(rng.random() < 0.15 + 0.8 * drive)
    thin_out = line.key in TIMEKEEPERS and step % STEPS_PER_QUARTER != 0 and drive < 0.35
    return not (thin_out and rng.random() < 0.6)


def _bar_events(
    kit: DrumKit, bar: Bar, strokes: Sequence[Stroke], meter: Meter, energy: float, rng: np.random.Generator
) -> Iterator[Event]:
    fill = _fill(bar, meter, energy, rng) if kit.fills else ""
    fill_start = meter.steps - len(fill)
    for step, key, accent in strokes:
        if step < fill_start or key in TIMEKEEPERS:
            yield _stroke(bar, step, key, accent + (3.0 if step == 0 else 0.0))
    for index, symbol in enumerate(fill):
        if symbol == "x":
            voice = _FILL_VOICES[index * len(_FILL_VOICES) // len(fill)]
            yield _stroke(bar, fill_start + index, voice, -2.0 + 2.0 * index)
    if fill:
        yield _stroke(bar, fill_start, KICK, 4.0)
    if kit.fills and bar.offset == 0 and bar.index > 0 and bar.section.name not in _LIGHT_SECTIONS:
        yield _stroke(bar, 0, CRASH, 0.0)


def _stroke(bar: Bar, step: int, key: int, accent: float) -> Event:
    return Event(bar.start + step / STEPS_PER_QUARTER, STROKE_LENGTH, key, accent)


def _fill(bar: Bar, meter: Meter, energy: float, rng: np.random.Generator) -> str:
    """A fill in the last pulses before a new section, a short one now and then inside long sections."""
    inside = bar.offset % 8 == 7 and rng.random() < 0.3 + 0.4 * energy
    if bar.section.name in _LIGHT_SECTIONS or not (bar.closes_section or inside):
        return ""
    last = meter.groups[-1]
    options = [cell for cell in (_SIMPLE_FILLS if last == 4 else _COMPOUND_FILLS) if _fits(cell, meter, energy)]
    return pick(rng, options)


def _fits(cell: str, meter: Meter, energy: float) -> bool:
    last, before = meter.groups[-1], meter.groups[-2]
    return len(cell) == last or (len(cell) == last + before and energy > 0.5)
