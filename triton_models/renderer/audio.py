"""The one audio format inside the renderer: float32, interleaved stereo, 44.1 kHz, shape [frames, 2]."""

from typing import Final

import numpy as np
import numpy.typing as npt

Audio = npt.NDArray[np.float32]

SAMPLE_RATE: Final = 44_100
CHANNELS: Final = 2
# Long enough to keep the per-block overhead small, short enough to notice a cancellation at once.
BLOCK_FRAMES: Final = SAMPLE_RATE


def decibels_to_gain(decibels: float) -> float:
    return float(10.0 ** (decibels / 20.0))


def gain_to_decibels(gain: float) -> float:
    """Decibels of an amplitude; zero gives -200, so that a silent passage stays a number."""
    return float(20.0 * np.log10(max(gain, 1e-10)))


def blocks(frames: int, size: int = BLOCK_FRAMES) -> list[tuple[int, int]]:
    """(start, length) of consecutive blocks that cover `frames`; the last one takes the remainder as well.

    So no block but an only one is shorter than `size`: effects guess a block's layout from its shape and
    misread one of a frame or two.
    """
    count = max(1, frames // size)
    starts = [index * size for index in range(count)]
    return [(start, size) for start in starts[:-1]] + [(starts[-1], frames - starts[-1])]
