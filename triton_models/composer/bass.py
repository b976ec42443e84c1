"""Bass lines: step patterns of chord tones with approach notes into the next chord."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from triton_models.composer.arrangement import Part
from triton_models.composer.meter import STEPS_PER_QUARTER, Hit, Meter, hits, per_group, written_for
from triton_models.composer.plan import Plan
from triton_models.composer.randomness import pick_weighted
from triton_models.composer.song import Bar, Event
from triton_models.composer.theory import nearest_degree, scale_pitch
from triton_models.score.model import Key

_LOWEST: Final = 31  # below this small loudspeakers lose the note
_SPARSE_INTENSITY: Final = 0.5


def _lines(four: str, three: str, six: str, five: str, seven: str) -> Mapping[str, str]:
    return {"4/4": four, "3/4": three, "6/8": six, "5/4": five, "7/8": seven}


# R root, A root or fifth by turns of bars, 3 third, 5 fifth, 8 octave, a approach to the next root
_WRITTEN: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "root4": _lines("R---R---5---R---", "R---5---R---", "R-----5---R-", "R---R---5---R---5---", "R---5---R---R-"),
        "sync": _lines("R--R--R-..R---..", "R--R--R-5---", "R---R-R---5-", "R--R--R-..R--R--5---", "R--R--R-R---5-"),
        "walk": _lines("R---3---5---a---", "R---3---a---", "R---3-5---a-", "R---3---5---3---a---", "R---3---5---a-"),
        "bossa": _lines("R-----5-5-----R-", "R-----5-5-R-", "R---5-R---5-", "R-----5-5-----R-5---", "R---5-5---R---"),
        "funk": _lines("R..R..R8..R...8.", "R..R..R8..5.", "R..R..5.R..8", "R..R..R8..R...8.R.5.", "R..R..R8.R5.8."),
        "reggae": _lines("R--...R-5--.R-..", "R--...R-5-..", "R---..5-..R-", "R--...R-5--.R-..R---", "R--...R-5-R-.."),
        "oompah": _lines("R---....5---....", "A---........", "R---..5---..", "R---........5---....", "R---....5-...."),
        "tumbao": _lines("R-----5-----8---", "R-----5-8---", "R---5---8-5-", "R-----5-----8---5---", "R---5---8---5-"),
    }
)
_WALK_IN_TWELVE: Final = "R---3-5---3-R---5-8---a-"
# one cell for a pulse of two eighths, one for a pulse of three
_CELLS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "eight": ("R-R-", "R-R-R-"),
        "six": (".RRR", ".RRRRR"),
        "off": ("..R-", "..R-R-"),
        "oct": ("R-8-", "R-8-8-"),
    }
)


@dataclass(frozen=True, slots=True)
class BassLine:
    """A bass part: its grid, the plain grid of quiet sections, and where its roots lie."""

    grid: str
    sparse_grid: str
    low: int
    high: int


def plan_bass(plan: Plan, part: Part) -> BassLine:
    """Choose the line and register of a bass part; a second one keeps to long notes an octave up."""
    held = "R" + "-" * (plan.meter.steps - 1)
    low = max(_LOWEST, part.instrument.low)
    if part.variant or part.instrument.name == "timpani":
        return BassLine(grid_for("root4", plan.meter), held, low, part.instrument.high)
    names = plan.style.bass_lines
    weights = [_fit(grid_for(name, plan.meter), plan) for name in names]
    grid = grid_for(pick_weighted(plan.stream("bass line"), names, weights), plan.meter)
    return BassLine(grid, held, low, max(low + 19, part.instrument.high))


def grid_for(name: str, meter: Meter) -> str:
    """The step pattern of a named bass line in a meter."""
    if name == "whole":
        return "R" + "-" * (meter.steps - 1)
    if name in _CELLS:
        return per_group(meter, *_CELLS[name])
    if name == "walk" and meter.name == "12/8":
        return _WALK_IN_TWELVE
    return written_for(meter, _WRITTEN[name])


def _fit(grid: str, plan: Plan) -> float:
    onsets = len(hits(grid)) / (2 * plan.meter.quarters)
    return float(np.exp(-2.0 * abs(min(1.0, onsets) - plan.energy)))


def bass(line: BassLine, bars: Sequence[Bar], key: Key, rng: np.random.Generator) -> list[Event]:
    """The part for the bars in which it plays."""
    return [event for bar in bars for event in _bar_events(line, bar, key, rng)]


def _bar_events(line: BassLine, bar: Bar, key: Key, rng: np.random.Generator) -> Iterator[Event]:
    quiet = bar.section.intensity < _SPARSE_INTENSITY and not bar.closes_section
    for hit in hits(line.sparse_grid if quiet else line.grid):
        pitch = _pitch(line, bar, hit, key, rng)
        accent = 4.0 if hit.step == 0 else -2.0
        yield Event(bar.start + hit.step / STEPS_PER_QUARTER, hit.length / STEPS_PER_QUARTER * 0.96, pitch, accent)


def _pitch(line: BassLine, bar: Bar, hit: Hit, key: Key, rng: np.random.Generator) -> int:
    root = root_pitch(line, bar.chord.root)
    if hit.symbol == "a":
        return _approach(root_pitch(line, bar.following.root), root, key, rng)
    above = {
        "R": 0,
        "A": 0 if bar.index % 2 == 0 else bar.chord.fifth,
        "3": bar.chord.third,
        "5": bar.chord.fifth,
        "8": 12,
    }[hit.symbol]
    pitch = root + above
    return pitch if pitch <= line.high else pitch - 12


def root_pitch(line: BassLine, root: int) -> int:
    """The root in the octave above the lowest usable note."""
    return line.low + (root - line.low) % 12


def _approach(target: int, current: int, key: Key, rng: np.random.Generator) -> int:
    """A scale step into the target from the side we come from, now and then a semitone instead."""
    side = -1 if current <= target else 1
    if rng.random() < 0.3:
        return target + side
    return scale_pitch(key, nearest_degree(key, target) + side)
