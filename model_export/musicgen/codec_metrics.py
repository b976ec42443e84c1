"""How different two recordings of the same sound are to the ear, by their mel spectra."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from triton_models.codec_stream.decoding import Floats

WINDOW_SECONDS: Final = 0.032
BANDS: Final = 64
# What lies further below the loudest band is not heard beside it.
RANGE_DB: Final = 80.0


def mel_distance(one: Floats, other: Floats, sampling_rate: int) -> float:
    """Mean distance in dB of the mel spectra of [rows, channels, samples], down to 80 dB below the loudest of `one`."""
    size = max(32, 2 ** round(np.log2(WINDOW_SECONDS * sampling_rate)))
    filters = mel_filters(size, sampling_rate, min(BANDS, size // 8))
    levels = [_power(samples, size) @ filters.T for samples in (one, other)]
    floor = levels[0].max() * 10.0 ** (-RANGE_DB / 10.0)
    decibels = [10.0 * np.log10(np.maximum(level, floor)) for level in levels]
    return float(np.abs(decibels[0] - decibels[1]).mean())


def mel_filters(size: int, sampling_rate: int, bands: int) -> NDArray[np.float64]:
    """[bands, size / 2 + 1] triangles; mel after O'Shaughnessy 1987, 2595 log10(1 + f / 700)."""
    top = 2595.0 * np.log10(1.0 + sampling_rate / 2.0 / 700.0)
    edges = 700.0 * (10.0 ** (np.linspace(0.0, top, bands + 2) / 2595.0) - 1.0)
    places = np.arange(size // 2 + 1) * sampling_rate / size
    rising = (places - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - places) / np.diff(edges)[1:, None]
    filters: NDArray[np.float64] = np.maximum(0.0, np.minimum(rising, falling))
    return filters


def _power(samples: Floats, size: int) -> NDArray[np.float64]:
    """Of Hann windows that overlap by three quarters: [rows, channels, windows, size / 2 + 1]."""
    padded = np.pad(samples.astype(np.float64), ((0, 0), (0, 0), (size // 2, size // 2)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, size, axis=2)[:, :, :: size // 4]
    power: NDArray[np.float64] = np.square(np.abs(np.fft.rfft(windows * np.hanning(size), axis=3)))
    return power
