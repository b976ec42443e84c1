"""Tempo of a whole piece from its mel spectra. Steady tempo only: a piece that drifts gets its main tempo."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import fft

from adapters.media.spectrum import Matrix

FRAME_RATE = 100.0
"""Mel frames per second."""

Envelope = npt.NDArray[np.float64]

_LOWEST_BPM, _HIGHEST_BPM = 30.0, 300.0
_BEATS = (1, 2, 3, 4)
_EXPECTED_SPREAD, _FREE_CENTRE, _FREE_SPREAD = 0.25, 110.0, 0.7
_SILENCE = 1e-9


@dataclass(frozen=True)
class Tempo:
    """Beats per minute and how regular the onsets are at that beat, 0..1; both are 0 when nothing repeats."""

    bpm: float
    confidence: float


def onset_envelope(mel: Matrix) -> Envelope:
    """Onset strength of mel power [frames, bands] at 100 frames a second: [frames], unit standard deviation.

    Log-compressed spectral flux over 20 ms, half-wave rectified, less its mean over one second
    (Mueller, Fundamentals of Music Processing, 2015, section 6.1).
    """
    mean = float(mel.mean())
    if mean < _SILENCE or len(mel) < 3:
        return np.zeros(len(mel))
    level = np.log1p(mel * np.float32(10.0 / mean))
    flux = np.concatenate([np.zeros(2), np.maximum(0.0, level[2:] - level[:-2]).mean(1)])
    width = int(FRAME_RATE) + 1
    background = np.convolve(flux, np.ones(width) / width, "full")[width // 2 :][: len(flux)]
    onsets = np.maximum(0.0, flux - background)
    spread = float(onsets.std())
    return onsets / spread if spread > 0.0 else np.zeros(len(mel))


def estimate_tempo(onsets: Envelope, expected_bpm: float | None = None) -> Tempo:
    """Autocorrelation and Fourier tempogram under a log-normal prior, then a fine search on the spectrum.

    The prior (Ellis, Beat Tracking by Dynamic Programming, 2007) lies on `expected_bpm` with a quarter octave, so
    that it settles the metrical level and not the value; without it on 110 with 0.7 octaves.
    """
    if len(onsets) < 3 * FRAME_RATE or not onsets.any():
        return Tempo(0.0, 0.0)
    grid = np.exp(np.arange(np.log(_LOWEST_BPM), np.log(_HIGHEST_BPM), 0.004))
    regularity = _regularity(onsets, grid)
    spectrum = _Spectrum(onsets)
    strength = spectrum.at(grid) + 0.5 * spectrum.at(2.0 * grid)
    salience = regularity * np.sqrt(strength / strength.max())
    best = int(np.argmax(salience * _prior(grid, expected_bpm)))
    if regularity[best] <= 0.0:
        return Tempo(0.0, 0.0)
    return Tempo(_refined(spectrum, float(grid[best])), min(1.0, float(regularity[best])))


def _prior(grid: Envelope, expected_bpm: float | None) -> Envelope:
    centre = expected_bpm or _FREE_CENTRE
    spread = _EXPECTED_SPREAD if expected_bpm else _FREE_SPREAD
    prior: Envelope = np.exp(-0.5 * (np.log2(grid / centre) / spread) ** 2)
    return prior


def _regularity(onsets: Envelope, grid: Envelope) -> Envelope:
    """Weighted mean of the unbiased autocorrelation one to four beats later, where the piece is long enough."""
    count = len(onsets)
    size = fft.next_fast_len(2 * count, real=True)
    power = np.abs(fft.rfft(onsets - onsets.mean(), size)) ** 2
    correlation = fft.irfft(power, size)[:count] / (count - np.arange(count))
    correlation /= correlation[0]
    longest = min(count - 1, 12 * int(FRAME_RATE))
    total = np.zeros(len(grid))
    for beats in _BEATS:
        lags = beats * 60.0 * FRAME_RATE / grid
        found = np.interp(lags, np.arange(count), correlation)
        total += np.where(lags < longest, found, 0.0) / np.sqrt(beats)
    weight = sum(1.0 / np.sqrt(beats) for beats in _BEATS)
    regularity: Envelope = np.maximum(0.0, total / weight)
    return regularity


class _Spectrum:
    """Magnitude of the onset envelope's Fourier transform at any tempo (the global Fourier tempogram)."""

    def __init__(self, onsets: Envelope) -> None:
        self._size = 1 << max(17, (8 * len(onsets)).bit_length())
        tapered = (onsets - onsets.mean()) * np.hanning(len(onsets))
        self._magnitude = np.abs(fft.rfft(tapered, self._size))

    def at(self, bpm: Envelope) -> Envelope:
        position = bpm / 60.0 / FRAME_RATE * self._size
        return np.interp(position, np.arange(len(self._magnitude)), self._magnitude)


def _refined(spectrum: _Spectrum, bpm: float) -> float:
    """The tempo within 3 % whose first four harmonics are strongest together, between grid points by a parabola."""
    step = 0.0001
    offsets = np.arange(-300, 301) * step
    strength = sum((spectrum.at(beats * bpm * np.exp(offsets)) for beats in _BEATS), np.zeros(len(offsets)))
    peak = int(np.argmax(strength))
    shift = 0.0
    if 0 < peak < len(offsets) - 1:
        left, top, right = strength[peak - 1 : peak + 2]
        bend = left - 2.0 * top + right
        shift = 0.5 * (left - right) / bend if bend < 0.0 else 0.0
    return float(bpm * np.exp(offsets[peak] + shift * step))
