"""The grid that music is written on: twelve positions to a quarter note, few durations, few loudnesses."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PER_QUARTER: Final = 12
DURATIONS: Final[tuple[int, ...]] = (
    *range(1, 11),
    *(12, 14, 16, 18, 21, 24, 30, 36, 42, 48, 60, 72, 84, 96, 120, 144, 192),
)
DRUM_DURATION: Final = 3  # drums ring as long as they ring
LEVELS: Final = 16
ACCENTS: Final = (-3, -2, -1, 1, 2, 3)
_LEVEL_STEP: Final = 128 // LEVELS
_ACCENT_STEP: Final = 20
# How much nearer, in positions, a performed note has to be to the sixty-fourths and sextuplets of the grid than to
# its sixteenths, triplets and swung eighths.
_RELUCTANCE: Final = np.array([0.0, 0.36, 0.2, 0.0, 0.0, 0.36, 0.0, 0.0, 0.0, 0.0, 0.2, 0.36])
_LOGARITHMS: Final = np.log(np.array(DURATIONS))


def positions(beats: Floats) -> Ints:
    """Quarter-note beats to positions; what lies on the grid already stays where it is."""
    cells = np.maximum(beats * PER_QUARTER, 0.0)
    low = np.floor(cells).astype(np.int64)
    down = cells - low + _RELUCTANCE[low % PER_QUARTER]
    up = low + 1 - cells + _RELUCTANCE[(low + 1) % PER_QUARTER]
    return np.asarray(np.where(up < down, low + 1, low), dtype=np.int64)


def durations(beats: Floats) -> Ints:
    """Quarter-note beats to the durations of the grid that are nearest in ratio."""
    logarithms = np.log(np.maximum(beats * PER_QUARTER, 0.5))
    nearest = np.abs(logarithms[:, None] - _LOGARITHMS[None, :]).argmin(axis=1)
    return np.asarray(np.array(DURATIONS)[nearest], dtype=np.int64)


def duration_within(duration: int, limit: int) -> int:
    """The longest duration of the grid that is no longer than both; `limit` is at least 1."""
    return max(value for value in DURATIONS if value <= min(duration, limit))


def level_of(velocities: Ints) -> int:
    """The loudness of a bar: 0 to 15 by its median velocity, the lower one of two."""
    middle = np.sort(velocities)[(len(velocities) - 1) // 2]
    return int(middle // _LEVEL_STEP)


def accents(velocities: Ints, level: int) -> Ints:
    """By how many steps of 20, -3 to 3, velocities differ from their bar's loudness, without leaving 1 to 127."""
    centre = level * _LEVEL_STEP + _LEVEL_STEP // 2
    softest = max(ACCENTS[0], -((centre - 1) // _ACCENT_STEP))
    loudest = min(ACCENTS[-1], (127 - centre) // _ACCENT_STEP)
    return np.asarray(np.clip(np.rint((velocities - centre) / _ACCENT_STEP), softest, loudest), dtype=np.int64)


def velocity(level: int, accent: int) -> int:
    """The MIDI velocity, 1 to 127, of a note; `level_of` and `accents` find both again."""
    return min(127, max(1, level * _LEVEL_STEP + _LEVEL_STEP // 2 + _ACCENT_STEP * accent))
