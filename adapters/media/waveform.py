"""Waveform overview in the BBC audiowaveform JSON format, version 2, gathered while the audio arrives."""

import json

import numpy as np
import numpy.typing as npt

from adapters.media.spectrum import SAMPLE_RATE, Vector

SAMPLES_PER_PIXEL = 1024


class WaveformPeaks:
    """Smallest and largest value of every 1,024 samples of the mono mix; the last pixel may hold fewer."""

    def __init__(self) -> None:
        self._pending: Vector = np.zeros(0, np.float32)
        self._rows: list[npt.NDArray[np.float32]] = []

    def push(self, mono: Vector) -> None:
        """Takes [samples] within -1..1."""
        samples = np.concatenate([self._pending, mono])
        whole = len(samples) // SAMPLES_PER_PIXEL
        pixels = samples[: whole * SAMPLES_PER_PIXEL].reshape(whole, SAMPLES_PER_PIXEL)
        self._pending = samples[whole * SAMPLES_PER_PIXEL :]
        self._rows.append(np.stack([pixels.min(1), pixels.max(1)], 1))

    def peaks(self) -> npt.NDArray[np.float32]:
        """[pixels, 2]: minimum and maximum, the unfinished pixel included."""
        rows = list(self._rows)
        if len(self._pending):
            rows.append(np.array([[self._pending.min(), self._pending.max()]], np.float32))
        return np.concatenate(rows) if rows else np.zeros((0, 2), np.float32)


def audiowaveform_json(peaks: npt.NDArray[np.float32]) -> bytes:
    """`peaks` [pixels, 2] as one channel of 8 bits (audiowaveform's doc/DataFormat.md), quantised outwards."""
    lows = np.floor(peaks[:, 0] * 128)
    highs = np.ceil(peaks[:, 1] * 128)
    levels = np.clip(np.stack([lows, highs], 1), -128, 127).astype(int)
    document = {
        "version": 2,
        "channels": 1,
        "sample_rate": SAMPLE_RATE,
        "samples_per_pixel": SAMPLES_PER_PIXEL,
        "bits": 8,
        "length": len(levels),
        "data": levels.ravel().tolist(),
    }
    return json.dumps(document, separators=(",", ":")).encode()
