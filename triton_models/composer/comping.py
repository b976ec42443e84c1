"""Chord and pad parts: voice-led chords in the texture of a pattern."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from triton_models.composer.arrangement import Part
from triton_models.composer.comping_patterns import COMP_PATTERNS, CompPattern, Texture
from triton_models.composer.meter import STEPS_PER_QUARTER, Hit, Meter, hits
from triton_models.composer.plan import Plan
from triton_models.composer.randomness import pick, pick_weighted
from triton_models.composer.song import Bar, Event
from triton_models.composer.voicing import Voicing, lead_voices

_SPARSE_INTENSITY: Final = 0.45
_STRUM_GAP: Final = 0.02  # quarter notes between neighbouring strings
_LIGHT: Final = -9.0
_SECOND_PARTS: Final = ("arp8", "off", "slowarp", "pulse")
_MOVING_TEXTURES: Final[frozenset[Texture]] = frozenset({"arpeggio", "figure"})


@dataclass(frozen=True, slots=True)
class Comping:
    """How one chord part accompanies: a grid per loud and per sparse bar, and the order of its arpeggio."""

    texture: Texture
    grid: str
    sparse_texture: Texture
    sparse_grid: str
    order: tuple[int, ...]
    voices: int
    low: int
    high: int


def plan_comping(plan: Plan, part: Part) -> Comping:
    """Choose pattern, register and arpeggio order for a chord or pad part."""
    rng = plan.stream("comping", part.id)
    pattern = _pattern(plan, part, rng)
    sparse = pattern if pattern.texture in _MOVING_TEXTURES else COMP_PATTERNS["block"]
    grid = pick(rng, pattern.variants(plan.meter))
    low, high = _register(part)
    return Comping(
        texture=pattern.texture,
        grid=grid,
        sparse_texture=sparse.texture,
        sparse_grid=grid if sparse is pattern else sparse.variants(plan.meter)[0],
        order=tuple(int(index) for index in rng.permutation(4)) if rng.random() < 0.4 else (0, 1, 2, 3),
        voices=3 if part.role == "pad" or plan.extension in ("triad", "dominant") else 4,
        low=low,
        high=high,
    )


def _pattern(plan: Plan, part: Part, rng: np.random.Generator) -> CompPattern:
    if part.role == "pad":
        return COMP_PATTERNS["block"]
    names = plan.style.comping if part.variant == 0 else _SECOND_PARTS
    options = [COMP_PATTERNS[_playable(name, part)] for name in names]
    weights = [_fit(pattern, plan.meter, plan.energy) for pattern in options]
    return pick_weighted(rng, options, weights)


def _playable(name: str, part: Part) -> str:
    """The pattern itself, or what an instrument that cannot play it does instead."""
    if part.instrument.family == "ensemble":
        return name if name in ("block", "eight", "pulse") else "block"
    if name == "power" and part.instrument.family != "guitar":
        return "eight"
    return name


def _fit(pattern: CompPattern, meter: Meter, energy: float) -> float:
    """Likelier the closer the pattern's busyness is to the energy."""
    onsets = len(hits(pattern.variants(meter)[0])) / (2 * meter.quarters)
    return float(np.exp(-2.0 * abs(min(1.0, onsets) - energy)))


def _register(part: Part) -> tuple[int, int]:
    """Low and high MIDI key, an octave and a fifth or more apart where the instrument allows."""
    if part.instrument.name == "distorted guitar":
        low, high = 40, 62
    elif part.role == "pad":
        low, high = 52, 76
    else:
        low, high = (50, 72) if part.variant % 2 == 0 else (60, 82)
    low = max(low, part.instrument.low)
    return low, max(low + 14, min(high, part.instrument.high))


def comp(comping: Comping, bars: Sequence[Bar], energy: float) -> list[Event]:
    """The part for the bars in which it plays."""
    events: list[Event] = []
    voicing: Voicing | None = None
    before: Bar | None = None
    for bar in bars:
        if voicing is None or before is None or bar.chord != before.chord:
            voicing = lead_voices(bar.chord, comping.voices, voicing, comping.low, comping.high)
        before = bar
        events.extend(_bar_events(comping, bar, voicing, energy))
    return events


def _bar_events(comping: Comping, bar: Bar, voicing: Voicing, energy: float) -> Iterator[Event]:
    sparse = bar.section.intensity < _SPARSE_INTENSITY
    texture = comping.sparse_texture if sparse else comping.texture
    grid = comping.sparse_grid if sparse else comping.grid
    with_light_hits = bar.section.intensity + energy > 0.75
    render = _TEXTURES[texture]
    for count, hit in enumerate(hits(grid)):
        if hit.symbol != "o" or with_light_hits:
            yield from render(comping, bar, voicing, hit, count)


def _at(bar: Bar, hit: Hit) -> float:
    return bar.start + hit.step / STEPS_PER_QUARTER


def _accent(hit: Hit) -> float:
    return _LIGHT if hit.symbol == "o" else 0.0 if hit.step else 4.0


def _block(_: Comping, bar: Bar, voicing: Voicing, hit: Hit, __: int) -> Iterator[Event]:
    for pitch in voicing:
        yield Event(_at(bar, hit), hit.length / STEPS_PER_QUARTER, pitch, _accent(hit))


def _arpeggio(comping: Comping, bar: Bar, voicing: Voicing, hit: Hit, count: int) -> Iterator[Event]:
    ladder = (*voicing, *(pitch + 12 for pitch in voicing))[:4]
    ringing = 3 if hit.length >= STEPS_PER_QUARTER else 1
    length = min(hit.length * ringing, len(comping.grid) - hit.step) / STEPS_PER_QUARTER
    yield Event(_at(bar, hit), length, ladder[comping.order[count % 4]], _accent(hit) - 2)


def _figure(_: Comping, bar: Bar, voicing: Voicing, hit: Hit, __: int) -> Iterator[Event]:
    pitch = voicing[min(int(hit.symbol), len(voicing) - 1)]
    yield Event(_at(bar, hit), hit.length / STEPS_PER_QUARTER, pitch, _accent(hit) - 2)


def _power(comping: Comping, bar: Bar, _: Voicing, hit: Hit, __: int) -> Iterator[Event]:
    root = comping.low + (bar.chord.root - comping.low) % 12
    for pitch in (root, root + bar.chord.fifth, root + 12):
        yield Event(_at(bar, hit), hit.length / STEPS_PER_QUARTER, pitch, _accent(hit) + 4)


def _strum(comping: Comping, bar: Bar, voicing: Voicing, hit: Hit, _: int) -> Iterator[Event]:
    """Down-strokes from the lowest string, light up-strokes over the upper strings from the highest."""
    strings = voicing if voicing[0] + 12 > comping.high else (*voicing, voicing[0] + 12)
    stroke = strings[:0:-1] if hit.symbol == "o" else strings
    for index, pitch in enumerate(stroke):
        delay = index * _STRUM_GAP
        yield Event(_at(bar, hit) + delay, hit.length / STEPS_PER_QUARTER - delay, pitch, _accent(hit) - index)


_TEXTURES: Final[dict[Texture, Callable[[Comping, Bar, Voicing, Hit, int], Iterator[Event]]]] = {
    "block": _block,
    "arpeggio": _arpeggio,
    "figure": _figure,
    "power": _power,
    "strum": _strum,
}
