"""Short-time spectra of audio that arrives in pieces. Knows windows, hops and mel bands; draws no conclusion."""

import numpy as np
import numpy.typing as npt
from scipy import fft

SAMPLE_RATE = 44_100
Vector = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float32]


class PowerSpectra:
    """Hann-windowed power spectra of a mono stream, centred frames (zeros before the start and after the end)."""

    def __init__(self, window: int, hop: int) -> None:
        """`window` and `hop` in samples; frame `k` is centred on sample `k * hop`."""
        self.window, self.hop = window, hop
        phase = 2.0 * np.pi * np.arange(window) / window
        self._taper = (0.5 - 0.5 * np.cos(phase)).astype(np.float32)
        self._scale = np.float32(2.0 / self._taper.sum())
        self._pending: Vector = np.zeros(window // 2, np.float32)
        self._received = 0
        self._emitted = 0

    def push(self, mono: Vector) -> Matrix:
        """Power of every frame completed by `mono` [samples]: [frames, window // 2 + 1], a full-scale sine is 1."""
        self._received += len(mono)
        samples = np.concatenate([self._pending, mono])
        count = max(0, (len(samples) - self.window) // self.hop + 1)
        self._pending = samples[count * self.hop :]
        self._emitted += count
        return self._transform(samples, count)

    def flush(self) -> Matrix:
        """The frames that reach past the end, so that there are `1 + samples // hop` of them in all."""
        count = 1 + self._received // self.hop - self._emitted
        needed = (count - 1) * self.hop + self.window
        samples = np.pad(self._pending, (0, max(0, needed - len(self._pending))))
        self._emitted += count
        return self._transform(samples, count)

    def _transform(self, samples: Vector, count: int) -> Matrix:
        if count <= 0:
            return np.zeros((0, self.window // 2 + 1), np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(samples, self.window)[:: self.hop][:count]
        spectrum = fft.rfft(frames * self._taper, axis=1)
        power: Matrix = (spectrum.real**2 + spectrum.imag**2) * self._scale**2
        return power


def mel_of_hertz(frequency: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """O'Shaughnessy's mel scale (Speech Communication, 1987): 2595 log10(1 + f / 700)."""
    mel: npt.NDArray[np.float64] = 2595.0 * np.log10(1.0 + np.asarray(frequency, np.float64) / 700.0)
    return mel


def hertz_of_mel(mel: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Inverse of `mel_of_hertz`."""
    hertz: npt.NDArray[np.float64] = 700.0 * (10.0 ** (np.asarray(mel, np.float64) / 2595.0) - 1.0)
    return hertz


def mel_edges(bands: int, lowest: float, highest: float) -> npt.NDArray[np.float64]:
    """Corner frequencies in hertz of `bands` overlapping triangles, evenly spaced in mel: [bands + 2]."""
    return hertz_of_mel(np.linspace(mel_of_hertz(lowest), mel_of_hertz(highest), bands + 2))


def triangular_bank(edges: npt.NDArray[np.float64], window: int) -> Matrix:
    """Triangles over `edges` for spectra of `window` samples, each with unit sum: [window // 2 + 1, bands].

    A band narrower than a bin interpolates between the two bins beside its centre, so that no band is empty.
    """
    frequencies = np.arange(window // 2 + 1) * SAMPLE_RATE / window
    spacing = SAMPLE_RATE / window
    bank = np.zeros((len(frequencies), len(edges) - 2), np.float32)
    for band, centre in enumerate(edges[1:-1]):
        low = min(float(edges[band]), float(centre) - spacing)
        high = max(float(edges[band + 2]), float(centre) + spacing)
        rising = (frequencies - low) / (centre - low)
        falling = (high - frequencies) / (high - centre)
        weights = np.maximum(0.0, np.minimum(rising, falling))
        bank[:, band] = weights / weights.sum()
    return bank
