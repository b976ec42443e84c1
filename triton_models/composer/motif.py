"""Motifs: short rhythms with a contour in scale steps, and the operations that develop them."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from triton_models.composer.meter import Meter, hits
from triton_models.composer.randomness import pick_weighted

_SIMPLE_CELLS: Final = (
    ("x---", 3.0),
    ("x-x-", 3.0),
    ("x--x", 1.2),
    ("x-xx", 0.8),
    ("xxx-", 0.6),
    ("--x-", 1.2),
    ("----", 1.0),
    ("..x-", 1.0),
    ("xxxx", 0.5),
)
_COMPOUND_CELLS: Final = (
    ("x-----", 2.0),
    ("x---x-", 3.5),
    ("x-x-x-", 3.0),
    ("x-x---", 0.8),
    ("----x-", 1.0),
    ("------", 0.8),
    ("..x-x-", 0.8),
    ("x--xx-", 0.5),
)
_STEP_WEIGHTS: Final = ((-4, 0.25), (-3, 0.4), (-2, 1.4), (-1, 3.2), (0, 0.9), (1, 3.2), (2, 1.4), (3, 0.5), (4, 0.35))
_CONTOUR_BOUND: Final = 5


@dataclass(frozen=True, slots=True)
class Motif:
    """One bar of melody: a step grid, and for each onset its distance in scale steps from the first."""

    grid: str
    contour: tuple[int, ...]


def invent_motif(meter: Meter, onsets_per_quarter: float, rng: np.random.Generator) -> Motif:
    """A new motif of about the wanted density that begins on the first pulse."""
    grid = _rhythm(meter, onsets_per_quarter, rng)
    return Motif(grid, _walk(len(hits(grid)), rng))


def _rhythm(meter: Meter, density: float, rng: np.random.Generator) -> str:
    cells = [_cell(group, density, index == 0, rng) for index, group in enumerate(meter.groups)]
    return "".join(cells)


def _cell(group: int, density: float, opening: bool, rng: np.random.Generator) -> str:
    table = [row for row in (_SIMPLE_CELLS if group == 4 else _COMPOUND_CELLS) if row[0][0] == "x" or not opening]
    wanted = density * group / 4
    weights = [weight * np.exp(-1.3 * abs(cell.count("x") - wanted)) for cell, weight in table]
    return pick_weighted(rng, [cell for cell, _ in table], weights)


def _walk(size: int, rng: np.random.Generator) -> tuple[int, ...]:
    """Mostly steps; after a leap the line turns back by step."""
    steps = [step for step, _ in _STEP_WEIGHTS]
    weights = [weight for _, weight in _STEP_WEIGHTS]
    line = [0]
    move = 0
    while len(line) < size:
        leapt = abs(move) > 2
        move = (-1 if move > 0 else 1) if leapt else pick_weighted(rng, steps, weights)
        if abs(line[-1] + move) > _CONTOUR_BOUND:
            move = -move
        line.append(line[-1] + move)
    return tuple(line[:size])


def invert(motif: Motif) -> Motif:
    """The contour upside down."""
    return Motif(motif.grid, tuple(-step for step in motif.contour))


def fragment(motif: Motif, meter: Meter) -> Motif:
    """The opening pulses stated over and over, each time a step higher."""
    head = meter.groups[0]
    size = len(hits(motif.grid[:head]))
    cells: list[str] = []
    contour: list[int] = []
    for index, group in enumerate(meter.groups):
        if group != head:
            cells.append("x" + "-" * (group - 1))
            contour.append(index)
            continue
        cells.append(motif.grid[:head])
        contour.extend(step + index for step in motif.contour[:size])
    return Motif("".join(cells), tuple(contour))


def relate(motif: Motif, meter: Meter, onsets_per_quarter: float, rng: np.random.Generator) -> Motif:
    """A sibling: the same opening pulse and contour turned upside down, with a rhythm of its own after it."""
    fresh = _rhythm(meter, onsets_per_quarter, rng)
    head = meter.groups[0]
    grid = motif.grid[:head] + fresh[head:]
    size = len(hits(grid))
    mirrored = tuple(-step for step in motif.contour[:size])
    return Motif(grid, mirrored + tuple(step + mirrored[-1] for step in _walk(size - len(mirrored) + 1, rng)[1:]))


def cadence(meter: Meter, rng: np.random.Generator) -> Motif:
    """A short run to a long note that leaves room to breathe before the next phrase."""
    starts = meter.group_starts
    arrival = starts[len(starts) // 2] if len(starts) > 1 and rng.random() < 0.7 else 0
    head = meter.groups[0]
    run = ("x-" * ((head + 1) // 2))[:head] if rng.random() < 0.5 else "x" + "-" * (head - 1)
    opening = (run + "x" + "-" * meter.steps)[:arrival] if arrival else ""
    breath = meter.groups[-1] if arrival < starts[-1] else 0
    held = meter.steps - arrival - breath
    grid = opening + "x" + "-" * (held - 1) + "." * breath
    return Motif(grid, _descent(len(hits(grid))))


def _descent(size: int) -> tuple[int, ...]:
    return tuple(range(0, -size, -1))
