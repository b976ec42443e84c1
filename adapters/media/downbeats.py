"""Which beats begin bars of two, three or four. Other meters are not told from these; a doubtful answer is none."""

from dataclasses import dataclass

import numpy as np

from adapters.media.harmony import HarmonicChange, Strengths

_METERS = (2, 3, 4)
_FEWEST_BARS = 4
_CLEAR = 8.0
_LEAST_CONFIDENCE = 0.3


@dataclass(frozen=True)
class Downbeats:
    """Beats in a bar and the index of the first downbeat among the beats; 0 in a bar when it is not clear."""

    beats_per_bar: int
    first: int
    confidence: float


NO_DOWNBEATS = Downbeats(0, 0, 0.0)


def find_downbeats(beats: Strengths, bass: HarmonicChange, full: HarmonicChange) -> Downbeats:
    """Chords and bass notes change with the bar (Goto, An Audio-based Real-time Beat Tracking System, 2001).

    `beats` in seconds. For each meter and each first beat, how far the change on its downbeats exceeds that on the
    other beats, in standard errors; the confidence grows with that and with the lead over the best rival.
    """
    if len(beats) < _FEWEST_BARS * max(_METERS):
        return NO_DOWNBEATS
    beat = float(np.median(np.diff(beats)))
    evidence = _standard(
        _standard(full.at(beats, beat)) + _standard(full.at(beats, 2.0 * beat)) + _standard(bass.at(beats, beat))
    )
    found = sorted((_excess(evidence, meter, first), meter, first) for meter in _METERS for first in range(meter))
    best, meter, first = found[-1]
    if best <= 0.0:
        return NO_DOWNBEATS
    rival = max(0.0, *(other[0] for other in found if not _nested(other[1:], (meter, first))))
    confidence = min(1.0, best / _CLEAR) * (best - rival) / best
    return Downbeats(meter, first, confidence) if confidence >= _LEAST_CONFIDENCE else NO_DOWNBEATS


def _nested(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """True when all downbeats of one (meter, first) are among those of the other: half a bar of four is no rival."""
    (smaller, first), (larger, second) = sorted((one, other))
    return larger % smaller == 0 and second % smaller == first


def _standard(values: Strengths) -> Strengths:
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 0.0 else np.zeros(len(values))


def _excess(evidence: Strengths, meter: int, first: int) -> float:
    on = np.zeros(len(evidence), bool)
    on[first::meter] = True
    error = np.sqrt(1.0 / on.sum() + 1.0 / (~on).sum())
    return float((evidence[on].mean() - evidence[~on].mean()) / error)
