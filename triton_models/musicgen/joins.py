"""Where a window is best left: on an onset, at a place as loud as the song so far. Pure.

Onsets are found by spectral flux: the rise of magnitudes from one spectrum to the next, falls not counted (Bello et al.
2005, A Tutorial on Onset Detection in Music Signals).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Numbers = NDArray[np.float64]
# Of a spectrum, in frames of the codec: 80 ms at 50 a second.
SPECTRUM_FRAMES: Final = 4
# Levels are those of half a second, in frames of the published codec.
LEVEL_FRAMES: Final = 25
# So far from the song's level weighs as much as the strongest onset.
FAR_DB: Final = 6.0
SILENCE: Final = 1e-6


def level_db(samples: Floats) -> float:
    """Root mean square over all channels, in dB of full scale; -120 for silence."""
    return float(20.0 * np.log10(np.sqrt(np.square(samples, dtype=np.float64).mean()) + SILENCE))


def spectral_flux(samples: Floats, hop: int) -> Numbers:
    """[frames] of [channels, frames * hop]: how much louder the spectrum around each frame's beginning is than that one
    frame before. The first frame has no such one and zero.
    """
    size = SPECTRUM_FRAMES * hop
    # Mirrored, as an edge would sound like an onset.
    padded = np.pad(samples, ((0, 0), (size // 2, size // 2)), mode="reflect")
    frames = samples.shape[1] // hop
    pieces = np.lib.stride_tricks.sliding_window_view(padded, size, axis=1)[:, : frames * hop : hop]
    magnitudes = np.abs(np.fft.rfft(pieces * np.hanning(size), axis=2)).sum(axis=0)
    rises = np.maximum(np.diff(magnitudes, axis=0, prepend=magnitudes[:1]), 0.0)
    found: Numbers = rises.sum(axis=1)
    return found


def frame_levels(samples: Floats, hop: int) -> Numbers:
    """[frames] of [channels, frames * hop], in dB: of half a second before each frame, as what is behind a join is not
    heard. Before the first frame stands itself.
    """
    frames = samples.shape[1] // hop
    power = np.square(samples, dtype=np.float64).mean(axis=0).reshape(frames, hop).mean(axis=1)
    sums = np.concatenate([[0.0], np.cumsum(power)])
    places = np.arange(frames)
    first, stop = np.maximum(places - LEVEL_FRAMES, 0), np.maximum(places, 1)
    found: Numbers = 20.0 * np.log10(np.sqrt((sums[stop] - sums[first]) / (stop - first)) + SILENCE)
    return found


def best_join(samples: Floats, hop: int, tail: int, level: float) -> int:
    """How many frames of the last `tail` of [channels, frames * hop] are kept, 0 to `tail` - 1.

    `level` is that of the song so far, in dB. Of equal places the last is taken, which keeps most.
    """
    onsets = spectral_flux(samples, hop)[-tail:]
    distances = np.abs(frame_levels(samples, hop)[-tail:] - level) / FAR_DB
    worth = onsets / max(float(onsets.max()), SILENCE) - distances
    return tail - 1 - int(np.argmax(worth[::-1]))
