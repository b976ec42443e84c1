"""Pitch classes of a stream of spectra, in tenths of a semitone so that the tuning can be found afterwards."""

import numpy as np
import numpy.typing as npt

from adapters.media.spectrum import SAMPLE_RATE, Matrix

Chroma = npt.NDArray[np.float64]

STEPS = 10
"""Fine steps in a semitone."""

_REFERENCE, _REFERENCE_NOTE = 440.0, 69
_BASS_LOWEST, _LOWEST, _BASS_HIGHEST, HIGHEST = 35.0, 55.0, 200.0, 2_000.0
_COMPRESSION = 0.25


class PitchClasses:
    """Energy of the spectral peaks by pitch class, for the bass (35 to 200 Hz) and for all (55 to 2,000 Hz).

    Peaks instead of bins, as in the harmonic pitch class profile (Gomez, 2006): drums and noise have few, and the
    parabola through a peak finds its pitch between bins. Power enters by its fourth root.
    """

    def __init__(self, window: int) -> None:
        self._spacing = SAMPLE_RATE / window
        self._first, self._last = int(_BASS_LOWEST / self._spacing), int(HIGHEST / self._spacing) + 1
        self._bass: list[Matrix] = []
        self._all: list[Matrix] = []

    def push(self, power: Matrix) -> None:
        """Takes spectra [frames, window // 2 + 1]."""
        level = power[:, self._first - 1 : self._last + 1] ** np.float32(_COMPRESSION)
        left, centre, right = level[:, :-2], level[:, 1:-1], level[:, 2:]
        # The floor is the mean over four times the band, which broad-band sounds raise.
        floor = power[:, : 4 * self._last].astype(np.float32) ** np.float32(_COMPRESSION)
        peaks = (centre > left) & (centre >= right) & (centre > floor.mean(1, keepdims=True))
        frames, bins = np.nonzero(peaks)
        weights = centre[peaks]
        offset = _parabola(left[peaks], weights, right[peaks])
        frequency = (bins + self._first + offset) * self._spacing
        note = _REFERENCE_NOTE + 12.0 * np.log2(frequency / _REFERENCE)
        fine = np.round(note * STEPS).astype(int) % (12 * STEPS)
        self._bass.append(_gathered(len(power), frames, fine, weights, frequency < _BASS_HIGHEST))
        self._all.append(_gathered(len(power), frames, fine, weights, frequency >= _LOWEST))

    def chroma(self) -> tuple[Chroma, Chroma]:
        """Bass and full chroma [frames, 12] from C upwards, after the piece's own tuning."""
        full, bass = np.concatenate(self._all), np.concatenate(self._bass)
        fold = _folding(_tuning(full.sum(0, dtype=np.float64)))
        return bass @ fold, full @ fold


def _parabola(left: Matrix, centre: Matrix, right: Matrix) -> npt.NDArray[np.float64]:
    """Where between bins the peak lies, from the logarithms of three neighbours."""
    low, top, high = (np.log(part.astype(np.float64) + 1e-12) for part in (left, centre, right))
    offset: npt.NDArray[np.float64] = 0.5 * (low - high) / (low - 2.0 * top + high - 1e-9)
    return offset


def _gathered(
    count: int,
    frames: npt.NDArray[np.int64],
    fine: npt.NDArray[np.int64],
    weights: Matrix,
    chosen: npt.NDArray[np.bool_],
) -> Matrix:
    cells = frames[chosen] * 12 * STEPS + fine[chosen]
    sums = np.bincount(cells, weights[chosen], count * 12 * STEPS)
    return sums.reshape(count, 12 * STEPS).astype(np.float32)


def _tuning(fine: npt.NDArray[np.float64]) -> float:
    """Deviation from A = 440 Hz in fine steps: the phase of the energy over one semitone."""
    turns = np.exp(2j * np.pi * np.arange(len(fine)) / STEPS)
    return float(np.angle((fine * turns).sum()) / (2.0 * np.pi) * STEPS)


def _folding(tuning: float) -> npt.NDArray[np.float64]:
    """Weights [12 * STEPS, 12]: each fine step goes to its nearest note, less the further it is off."""
    note = (np.arange(12 * STEPS) - tuning) / STEPS
    nearest = np.round(note)
    fold = np.zeros((12 * STEPS, 12))
    fold[np.arange(12 * STEPS), nearest.astype(int) % 12] = np.cos(np.pi * (note - nearest)) ** 2
    return fold
