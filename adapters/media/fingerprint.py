"""Acoustic fingerprints of a stream by Chromaprint's algorithm. It knows no text form and compares nothing.

After Lukas Lalinsky, How Does Chromaprint Work? (2011); Ke, Hoiem and Sukthankar, Computer Vision for Music
Identification (2005); Jang and others, Pairwise Boosted Audio Fingerprint (2009). The numbers are those of
Chromaprint's default, `TEST2`, so that fingerprints agree with those in AcoustID.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import fft

from adapters.media.spectrum import SAMPLE_RATE, Vector
from domain.kit.audio import fingerprints
from domain.kit.audio.fingerprints import ROWS_FOR_CODE, Codes

Image = npt.NDArray[np.float64]

# Spectra four times as long at four times the rate have the same bins, so nothing need be resampled.
_FACTOR = SAMPLE_RATE // fingerprints.SAMPLE_RATE
_WINDOW, _HOP = fingerprints.WINDOW * _FACTOR, fingerprints.HOP * _FACTOR
_LOWEST_HERTZ, _HIGHEST_HERTZ = 28, 3_520
_LOWEST_NOTE_HERTZ = 440.0 / 16.0
_SMOOTHING = (0.25, 0.75, 1.0, 0.75, 0.25)
_LEAST_NORM = 0.01
_GRAY = np.array([0, 1, 3, 2], np.uint32)


@dataclass(frozen=True)
class Classifier:
    """A filter over a window of the image, `first` note, `height` in notes and `width` in rows, and three thresholds.

    Kinds: 0 the whole, 1 upper less lower notes, 2 later less earlier, 3 one diagonal less the other, 4 the middle
    third of the notes less the others, 5 that of the rows.
    """

    kind: int
    first: int
    height: int
    width: int
    thresholds: tuple[float, float, float]


_CLASSIFIERS = (
    Classifier(0, 4, 3, 15, (1.98215, 2.35817, 2.63523)),
    Classifier(4, 4, 6, 15, (-1.03809, -0.651211, -0.282167)),
    Classifier(1, 0, 4, 16, (-0.298702, 0.119262, 0.558497)),
    Classifier(3, 8, 2, 12, (-0.105439, 0.0153946, 0.135898)),
    Classifier(3, 4, 4, 8, (-0.142891, 0.0258736, 0.200632)),
    Classifier(4, 0, 3, 5, (-0.826319, -0.590612, -0.368214)),
    Classifier(1, 2, 2, 9, (-0.557409, -0.233035, 0.0534525)),
    Classifier(2, 7, 3, 4, (-0.0646826, 0.00620476, 0.0784847)),
    Classifier(2, 6, 2, 16, (-0.192387, -0.029699, 0.215855)),
    Classifier(2, 1, 3, 2, (-0.0397818, -0.00568076, 0.0292026)),
    Classifier(5, 10, 1, 15, (-0.53823, -0.369934, -0.190235)),
    Classifier(3, 6, 2, 10, (-0.124877, 0.0296483, 0.139239)),
    Classifier(2, 1, 1, 14, (-0.101475, 0.0225617, 0.231971)),
    Classifier(3, 5, 6, 4, (-0.0799915, -0.00729616, 0.063262)),
    Classifier(1, 9, 2, 12, (-0.272556, 0.019424, 0.302559)),
    Classifier(3, 4, 2, 14, (-0.164292, -0.0321188, 0.0846339)),
)


class Fingerprinter:
    """Takes a mono mix as it comes and keeps twelve numbers for every eighth of a second."""

    def __init__(self) -> None:
        self._taper = np.hamming(_WINDOW).astype(np.float32)
        self._first, self._notes = _notes()
        self._pending: Vector = np.zeros(0, np.float32)
        self._rows: list[Image] = []

    def push(self, mono: Vector) -> None:
        """Takes [samples] at 44.1 kHz."""
        samples = np.concatenate([self._pending, mono])
        count = max(0, (len(samples) - _WINDOW) // _HOP + 1)
        self._pending = samples[count * _HOP :]
        if count:
            frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP][:count]
            spectra = fft.rfft(frames * self._taper, axis=1)[:, self._first : self._first + len(self._notes)]
            # the scale of Chromaprint's own, shorter spectra, for what it takes for silence
            power = (spectra.real.astype(np.float64) ** 2 + spectra.imag.astype(np.float64) ** 2) / _FACTOR**2
            self._rows.append(power @ (self._notes[:, None] == np.arange(12)).astype(np.float64))

    def codes(self) -> Codes:
        """32 bits for every 0.124 s, each of 2.7 s of sound; none for a shorter sound."""
        rows = np.concatenate(self._rows) if self._rows else np.zeros((0, 12))
        return codes_of(_normalised(_smoothed(rows)))


def codes_of(image: Image) -> Codes:
    """Codes of chroma rows [rows, 12] of unit length: the answers of 16 classifiers, 2 bits each, the first highest."""
    count = len(image) - ROWS_FOR_CODE + 1
    if count <= 0:
        return np.zeros(0, np.uint32)
    sums = np.pad(image.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    codes = np.zeros(count, np.uint32)
    for classifier in _CLASSIFIERS:
        answers = np.searchsorted(classifier.thresholds, _filtered(sums, classifier, count), side="right")
        codes = (codes << np.uint32(2)) | _GRAY[answers]
    return codes


def _notes() -> tuple[int, npt.NDArray[np.int64]]:
    """The first bin that counts, and the pitch class, from A, of it and of those behind it."""
    spacing = SAMPLE_RATE / _WINDOW
    bins = np.arange(max(1, round(_LOWEST_HERTZ / spacing)), round(_HIGHEST_HERTZ / spacing))
    octaves = np.log2(bins * spacing / _LOWEST_NOTE_HERTZ)
    return int(bins[0]), (12 * (octaves - np.floor(octaves))).astype(np.int64)


def _smoothed(rows: Image) -> Image:
    """Five spectra to a row."""
    count = len(rows) - len(_SMOOTHING) + 1
    if count <= 0:
        return np.zeros((0, 12))
    return sum((weight * rows[at : at + count] for at, weight in enumerate(_SMOOTHING)), np.zeros((count, 12)))


def _normalised(rows: Image) -> Image:
    norm = np.linalg.norm(rows, axis=1, keepdims=True)
    normalised: Image = np.where(norm < _LEAST_NORM, 0.0, rows / np.maximum(norm, _LEAST_NORM))
    return normalised


def _filtered(sums: Image, classifier: Classifier, count: int) -> npt.NDArray[np.float64]:
    """The filter's answer at each row: the logarithm of how much one part of its window exceeds the other."""

    def area(row: int, note: int, rows: int, notes: int) -> npt.NDArray[np.float64]:
        """Sum over a part of the window, whose upper left corner is given within it, by the integral image."""
        top, left = row, classifier.first + note
        bottom, right = top + rows, left + notes
        total: npt.NDArray[np.float64] = (
            sums[bottom : bottom + count, right]
            - sums[top : top + count, right]
            - sums[bottom : bottom + count, left]
            + sums[top : top + count, left]
        )
        return total

    width, height = classifier.width, classifier.height
    whole = area(0, 0, width, height)
    match classifier.kind:
        case 0:
            part, rest = whole, np.zeros(count)
        case 1:
            part = area(0, height // 2, width, height - height // 2)
            rest = whole - part
        case 2:
            part = area(width // 2, 0, width - width // 2, height)
            rest = whole - part
        case 3:
            later, upper = width - width // 2, height - height // 2
            part = area(0, height // 2, width // 2, upper) + area(width // 2, 0, later, height // 2)
            rest = whole - part
        case 4:
            part = area(0, height // 3, width, height // 3)
            rest = whole - part
        case _:
            part = area(width // 3, 0, width // 3, height)
            rest = whole - part
    return np.log((1.0 + part) / (1.0 + rest))
