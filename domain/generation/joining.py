"""Where a recording is left so that another can go on, and how the two are joined. Pure."""

from typing import Final

import numpy as np

from domain.kit.audio.media import SEGMENT_RATE, Audio

HOP: Final = SEGMENT_RATE // 20
SMOOTHED_HOPS: Final = 8
BELOW_DB: Final = -3.0
MOST_DROPPED_SECONDS: Final = 10.0
QUIETEST: Final = 1e-5


def leaving_frame(tail: Audio) -> int:
    """How much of the end of a song [frames, 2] is kept: what fades, dies away or is silent behind it is not.

    The level of 400 ms is compared with the median of the tail; the last place that is less than 3 dB below it is
    where the song still plays. At most ten seconds are dropped, and nothing where all is silent.
    """
    hops = len(tail) // HOP
    if hops <= SMOOTHED_HOPS:
        return len(tail)
    powers = np.square(tail[: hops * HOP], dtype=np.float64).reshape(hops, -1).mean(axis=1)
    smooth = np.convolve(powers, np.full(SMOOTHED_HOPS, 1 / SMOOTHED_HOPS), mode="valid")
    level = 10 * np.log10(smooth + QUIETEST**2)
    playing = np.flatnonzero(level >= np.median(level) + BELOW_DB)
    kept = (int(playing[-1]) + SMOOTHED_HOPS) * HOP
    least = len(tail) - round(MOST_DROPPED_SECONDS * SEGMENT_RATE)
    # The last hop may not be whole.
    return len(tail) if kept == hops * HOP else max(kept, least)


class Crossfade:
    """From the end of one recording to the beginning of another, which comes in parts.

    Both sound alike there, so that their amplitudes add up and not their powers: the gains are linear.
    """

    def __init__(self, tail: Audio) -> None:
        self._tail = tail
        self._at = 0

    def into(self, part: Audio) -> Audio:
        """The next part [frames, 2], with what is left of the tail under its beginning."""
        under = self._tail[self._at : self._at + len(part)]
        if not len(under):
            return part
        gain = ((self._at + np.arange(len(under)) + 0.5) / len(self._tail)).astype(np.float32)[:, None]
        self._at += len(under)
        return np.concatenate([under * (1 - gain) + part[: len(under)] * gain, part[len(under) :]])
