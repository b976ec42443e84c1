"""Waveform overviews in the BBC audiowaveform JSON format, version 2, gathered while the audio arrives."""

import json

import numpy as np
import numpy.typing as npt

from adapters.media.spectrum import SAMPLE_RATE, Vector
from domain.kit.audio.media import WAVEFORM_ZOOMS

Peaks = npt.NDArray[np.float32]

FINEST = min(WAVEFORM_ZOOMS)


class WaveformPeaks:
    """Smallest and largest value of every 256 samples of the mono mix; coarser zooms are made of these."""

    def __init__(self) -> None:
        self._pending: Vector = np.zeros(0, np.float32)
        self._rows: list[Peaks] = []

    def push(self, mono: Vector) -> None:
        """Takes [samples] within -1..1."""
        samples = np.concatenate([self._pending, mono])
        whole = len(samples) // FINEST
        pixels = samples[: whole * FINEST].reshape(whole, FINEST)
        self._pending = samples[whole * FINEST :]
        self._rows.append(np.stack([pixels.min(1), pixels.max(1)], 1))

    def peaks(self, samples_per_pixel: int) -> Peaks:
        """[pixels, 2]: minimum and maximum, the unfinished pixel included. A zoom is a multiple of 256."""
        rows = list(self._rows)
        if len(self._pending):
            rows.append(np.array([[self._pending.min(), self._pending.max()]], np.float32))
        fine = np.concatenate(rows) if rows else np.zeros((0, 2), np.float32)
        starts = np.arange(0, len(fine), samples_per_pixel // FINEST)
        if not len(starts):
            return fine
        lows, highs = np.minimum.reduceat(fine[:, 0], starts), np.maximum.reduceat(fine[:, 1], starts)
        return np.stack([lows, highs], 1)


def audiowaveform_json(peaks: Peaks, samples_per_pixel: int) -> bytes:
    """`peaks` [pixels, 2] as one channel of 8 bits (audiowaveform's doc/DataFormat.md), quantised outwards."""
    lows = np.floor(peaks[:, 0] * 128)
    highs = np.ceil(peaks[:, 1] * 128)
    levels = np.clip(np.stack([lows, highs], 1), -128, 127).astype(int)
    document = {
        "version": 2,
        "channels": 1,
        "sample_rate": SAMPLE_RATE,
        "samples_per_pixel": samples_per_pixel,
        "bits": 8,
        "length": len(levels),
        "data": levels.ravel().tolist(),
    }
    return json.dumps(document, separators=(",", ":")).encode()
