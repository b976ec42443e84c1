"""The true-peak meter: ITU-R BS.1770-4, annex 2, on audio oversampled four times."""

from typing import Final

import numpy as np
import soxr

from triton_models.renderer.audio import CHANNELS, SAMPLE_RATE, Audio

_OVERSAMPLING: Final = 4


class TruePeakMeter:
    """Fed block by block; amplitudes between the samples, 1.0 being full scale."""

    def __init__(self) -> None:
        self._upsampler = soxr.ResampleStream(
            SAMPLE_RATE, _OVERSAMPLING * SAMPLE_RATE, CHANNELS, dtype="float32", quality="HQ"
        )
        self._peak = 0.0

    def add(self, block: Audio) -> None:
        """Measure the next [frames, 2]."""
        self._measure(self._upsampler.resample_chunk(np.ascontiguousarray(block)))

    def finish(self) -> float:
        """The largest amplitude of all blocks, with what the interpolation still held back."""
        self._measure(self._upsampler.resample_chunk(np.zeros((0, CHANNELS), np.float32), last=True))
        return self._peak

    def _measure(self, oversampled: Audio) -> None:
        if oversampled.size:
            self._peak = max(self._peak, float(oversampled.max()), -float(oversampled.min()))
