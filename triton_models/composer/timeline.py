"""How many bars fit a duration at a tempo, where the final chord begins and when the last sound stops."""

import math
from dataclasses import dataclass
from typing import Final

from triton_models.composer.meter import Meter

_RING_SHARE: Final = 0.08
_RING_SECONDS: Final = (0.6, 1.5)
_HOLD_SECONDS: Final = 0.8


@dataclass(frozen=True, slots=True)
class Timeline:
    """`bars` bars of music, then the final chord from beat `final` until `last_sound`; the rest of
    `duration` is left to the ringing out. All in quarter-note beats. In a piece shorter than a bar
    the one bar is cut off at `final`."""

    bars: int
    final: float
    last_sound: float
    duration: float


def lay_out(duration_seconds: float, qpm: float, meter: Meter) -> Timeline:
    """Fit whole bars and a final chord into the duration; needs at least two beats of the meter."""
    beats_per_second = qpm / 60.0
    duration = math.floor(duration_seconds * beats_per_second * 1000 - 1e-6) / 1000
    low, high = _RING_SECONDS
    ring = min(high, max(low, _RING_SHARE * duration_seconds)) * beats_per_second
    last_sound = math.floor((duration - ring) * 1000) / 1000
    room = last_sound - _HOLD_SECONDS * beats_per_second
    bars = int(room / meter.quarters)
    if bars:
        return Timeline(bars, bars * meter.quarters, last_sound, duration)
    pulses = max(1, int(room / meter.pulse_quarters))
    return Timeline(1, pulses * meter.pulse_quarters, last_sound, duration)
