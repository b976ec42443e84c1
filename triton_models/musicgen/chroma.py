"""Which pitch class sounds loudest in each moment of a melody: what models of the melody kind hear of it. Pure.

After transformers' MusicgenMelodyFeatureExtractor, whose filters are those of librosa.filters.chroma (Ellis 2007,
Chroma Feature Analysis and Synthesis).
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
# Loudest around the fifth octave above the reference, two octaves to each side.
CENTRE, WIDTH = 5.0, 2.0
A4: Final = 440.0


@dataclass(frozen=True)
class ChromaShape:
    """`length` frames of `chroma` classes are heard at once. A frame is the power of `fft` samples at `sampling_rate`
    Hz, every `hop` samples. The published extractor reads `seconds` of a melody.
    """

    chroma: int
    length: int
    sampling_rate: int
    fft: int
    hop: int
    seconds: int


def chroma_filters(shape: ChromaShape) -> Floats:
    """[classes, fft / 2 + 1]: how much each bin of a spectrum says of each class, C first."""
    count = shape.chroma
    bins = np.linspace(0, shape.sampling_rate, shape.fft, endpoint=False)[1:]
    pitches = count * np.log2(bins / (A4 / 16))
    # What lies below the first bin is one and a half octaves lower.
    pitches = np.concatenate([[pitches[0] - 1.5 * count], pitches])
    widths = np.concatenate([np.maximum(np.diff(pitches), 1.0), [1.0]])
    half = np.round(count / 2)
    away = np.remainder(pitches - np.arange(count)[:, None] + half + 10 * count, count) - half
    bumps = np.exp(-0.5 * (2 * away / widths) ** 2)
    bumps /= np.sqrt((bumps**2).sum(axis=0, keepdims=True))
    bumps *= np.exp(-0.5 * ((pitches / count - CENTRE) / WIDTH) ** 2)
    # From A first to C first.
    turned = np.roll(bumps, -3 * (count // 12), axis=0)
    return np.ascontiguousarray(turned[:, : shape.fft // 2 + 1], dtype=np.float32)


_filters = cache(chroma_filters)


def one_hot_chroma(samples: Floats, shape: ChromaShape) -> Floats:
    """[frames, classes], 1 for the loudest class of each frame, of `samples` [channels, n], which are mixed.

    Frames stand around every `hop`-th sample, mirrored at both ends; what is too short for one is put amid silence.
    """
    mixed = samples.mean(axis=0, dtype=np.float32)
    missing = max(0, shape.fft - len(mixed))
    whole = np.pad(mixed, (missing // 2, missing - missing // 2))
    padded = np.pad(whole, shape.fft // 2, mode="reflect")
    pieces = np.lib.stride_tricks.sliding_window_view(padded, shape.fft)[:: shape.hop]
    # Periodic, as torch has it. A piece at a time, for all spectra together would take a hundred megabytes.
    window = np.hanning(shape.fft + 1)[:-1]
    loudest = [np.argmax(_filters(shape) @ np.abs(np.fft.rfft(piece * window)) ** 2) for piece in pieces]
    found: Floats = np.eye(shape.chroma, dtype=np.float32)[loudest]
    return found
