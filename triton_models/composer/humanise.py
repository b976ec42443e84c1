"""From grid to performance: swing, small timing and velocity deviations, dynamics, clean note ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triton_models.composer.plan import Plan
from triton_models.composer.song import Event, SectionPlan
from triton_models.score.model import Note, Role

Floats = NDArray[np.float64]

_RESOLUTION: Final = 1000  # notes start and end on thousandths of a quarter note
SHORTEST: Final = 0.04
VELOCITY_NOISE: Final = 3.5
_LEVELS: Final[dict[Role, float]] = {
    "melody": 84.0,
    "counter": 70.0,
    "chords": 68.0,
    "pad": 58.0,
    "bass": 80.0,
    "drums": 84.0,
    "percussion": 72.0,
}
_SINGLE_VOICE: Final[frozenset[Role]] = frozenset({"melody", "counter", "bass"})
STEADINESS: Final[dict[Role, float]] = {"drums": 0.5, "percussion": 0.8, "bass": 0.7}  # share of the looseness


@dataclass(frozen=True, slots=True)
class Performance:
    """How the notes of one part are played: role, swing and looseness in quarter notes, and the end."""

    role: Role
    swing: float
    pair: float
    looseness: float
    last_sound: float


def performance_of(plan: Plan, role: Role) -> Performance:
    """Swing applies to simple meters with whole quarters only; `pair` is the length of a swung pair."""
    straight = plan.style.swing == "straight" or plan.meter.denominator != 4
    beats = plan.style.looseness * plan.qpm / 60.0
    return Performance(
        role=role,
        swing=0.0 if straight else plan.style.swing_amount,
        pair=1.0 if plan.style.swing == "eighths" else 0.5,
        looseness=beats * STEADINESS.get(role, 1.0),
        last_sound=plan.timeline.last_sound,
    )


def perform(
    events: Sequence[Event], how: Performance, sections: Sequence[SectionPlan], plan: Plan, rng: np.random.Generator
) -> tuple[Note, ...]:
    """Turn grid events into notes that start in order, end by the last sound and never overlap in pitch."""
    if not events:
        return ()
    grid = np.array([event.start for event in events])
    lengths = np.array([event.length for event in events])
    drift = np.clip(rng.standard_normal(len(events)), -2.0, 2.0) * how.looseness
    starts = np.clip(swung(grid, how) + drift, 0.0, how.last_sound - 2 * SHORTEST)
    ends = np.minimum(swung(grid + lengths, how) + drift, how.last_sound)
    pitches = np.array([event.pitch for event in events])
    velocities = _velocities(events, grid, how, sections, plan, rng)
    return clean(starts, ends, pitches, velocities, how.role in _SINGLE_VOICE)


def swung(beats: Floats, how: Performance) -> Floats:
    """Delay the middle of each pair towards two thirds; the warp is monotonous, so order is kept."""
    if how.swing == 0.0:
        return beats
    middle = 0.5 + how.swing / 6.0
    pair, phase = np.divmod(beats / how.pair + 1e-9, 1.0)
    bent = np.where(phase < 0.5, phase * 2 * middle, middle + (phase - 0.5) * 2 * (1 - middle))
    return np.asarray((pair + bent) * how.pair, dtype=np.float64)


def _velocities(
    events: Sequence[Event],
    grid: Floats,
    how: Performance,
    sections: Sequence[SectionPlan],
    plan: Plan,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    firsts = np.array([section.first * plan.meter.quarters for section in sections])
    intensities = np.array([section.intensity for section in sections])
    intensity = intensities[np.searchsorted(firsts, grid + 1e-6, side="right") - 1]
    level = _LEVELS[how.role] + 24.0 * (intensity - 0.6) + 26.0 * (plan.energy - 0.5)
    accents = np.array([event.accent for event in events])
    noise = rng.standard_normal(len(events)) * VELOCITY_NOISE
    return np.asarray(np.clip(np.rint(level + accents + noise), 12, 127), dtype=np.int64)


def clean(
    starts: Floats, ends: Floats, pitches: NDArray[np.int64], velocities: NDArray[np.int64], single_voice: bool
) -> tuple[Note, ...]:
    """Sort, drop doubles, and cut every note off where its pitch (or, in a single voice, any) starts again."""
    rows = sorted(
        zip(
            np.rint(starts * _RESOLUTION).astype(int).tolist(),
            pitches.tolist(),
            np.floor(ends * _RESOLUTION).astype(int).tolist(),
            velocities.tolist(),
            strict=True,
        )
    )
    shortest = int(SHORTEST * _RESOLUTION)
    following: dict[int, int] = {}
    notes: list[Note] = []
    for start, pitch, end, velocity in reversed(rows):
        voice = 0 if single_voice else pitch
        limit = following.get(voice)
        stop = max(end, start + shortest) if limit is None else min(max(end, start + shortest), limit)
        if stop <= start:
            continue
        following[voice] = start
        notes.append(Note(start / _RESOLUTION, (stop - start) / _RESOLUTION, pitch, velocity))
    notes.reverse()
    return tuple(notes)
