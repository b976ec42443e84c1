"""How much the harmony changes at a moment. It knows chroma only; what a change means is for others to say."""

import numpy as np
import numpy.typing as npt

from adapters.media.pitch import Chroma

CHROMA_RATE = 20.0
"""Chroma frames per second."""

Strengths = npt.NDArray[np.float64]


class HarmonicChange:
    """The spectral difference of Davies and Plumbley (A Spectral Difference Approach to Downbeat Extraction, 2006),
    taken on chroma, where a melody over a lasting chord counts for less.
    """

    def __init__(self, chroma: Chroma) -> None:
        """`chroma` [frames, 12] at 20 frames a second; loud passages count no more than soft ones."""
        level = np.linalg.norm(chroma, axis=1, keepdims=True)
        self._sums = np.concatenate([np.zeros((1, chroma.shape[1])), np.cumsum(chroma / (level + 1e-9), axis=0)])

    def at(self, seconds: Strengths, reach: float) -> Strengths:
        """Cosine distance between what sounds for `reach` seconds before and after each moment: [moments], 0..1."""
        before = self._mean(seconds - reach, seconds)
        after = self._mean(seconds, seconds + reach)
        change: Strengths = 1.0 - (before * after).sum(1)
        return change

    def _mean(self, start: Strengths, end: Strengths) -> Strengths:
        """Of unit length."""
        first, last = (
            np.clip(np.round(edge * CHROMA_RATE).astype(int), 0, len(self._sums) - 1) for edge in (start, end)
        )
        total = self._sums[last] - self._sums[first]
        mean: Strengths = total / (np.linalg.norm(total, axis=1, keepdims=True) + 1e-9)
        return mean
