"""Finding the limiter drive that gives a loudness: the louder the drive, the more the limiter takes back."""

from collections.abc import Callable
from typing import Final

_TOLERANCE_LU: Final = 0.05
_MOST_MEASUREMENTS: Final = 6
# Beyond this the limiter only flattens: a lone click cannot carry a song's loudness.
_MOST_EXTRA_DB: Final = 24.0
# Slopes outside this range come from a limiter that works hard or from rounding; the secant would overshoot.
_FLATTEST_SLOPE: Final = 0.25


def find_drive(measure: Callable[[float], float], target: float, first: float) -> float:
    """Drive in dB at which `measure` (drive in dB to loudness in LUFS, rising) gives `target`.

    Secant iteration from `first`, the drive that would do without a limiter. Ends at the best drive found
    when the target cannot be reached.
    """
    drive, loudness = first, measure(first)
    slope = 1.0
    for _ in range(_MOST_MEASUREMENTS - 1):
        missing = target - loudness
        if abs(missing) <= _TOLERANCE_LU:
            break
        following = min(drive + missing / slope, first + _MOST_EXTRA_DB)
        if following == drive:
            break
        reached = measure(following)
        slope = min(1.0, max(_FLATTEST_SLOPE, (reached - loudness) / (following - drive)))
        drive, loudness = following, reached
    return drive
