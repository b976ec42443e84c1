"""The key that notes speak for, after Krumhansl and Schmuckler, and the scales of the modes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from triton_models.score.model import Mode
from triton_models.score_language.grid import Floats

# How well each pitch class fits a major and a minor key: Krumhansl, Cognitive Foundations of Musical Pitch (1990),
# from the probe tones of Krumhansl and Kessler (1982).
_MAJOR: Final = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR: Final = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])
MINOR_MODES: Final[frozenset[Mode]] = frozenset({"minor", "dorian", "phrygian", "harmonic_minor"})

SCALES: Final[Mapping[Mode, frozenset[int]]] = MappingProxyType(
    {
        "major": frozenset({0, 2, 4, 5, 7, 9, 11}),
        "minor": frozenset({0, 2, 3, 5, 7, 8, 10, 11}),  # the leading tone belongs to the key
        "dorian": frozenset({0, 2, 3, 5, 7, 9, 10}),
        "mixolydian": frozenset({0, 2, 4, 5, 7, 9, 10}),
        "phrygian": frozenset({0, 1, 3, 5, 7, 8, 10}),
        "lydian": frozenset({0, 2, 4, 6, 7, 9, 11}),
        "harmonic_minor": frozenset({0, 2, 3, 5, 7, 8, 11}),
    }
)


def key_correlations(weights: Floats) -> Floats:
    """Correlation of 12 pitch-class weights with the 12 major, then the 12 minor keys, shape [24].

    Weights that are all equal speak for no key: all correlations are 0.
    """
    deviation = weights - weights.mean()
    size = float(np.linalg.norm(deviation))
    if size < 1e-9:
        return np.zeros(24)
    profiles = np.array([np.roll(profile, tonic) for profile in (_MAJOR, _MINOR) for tonic in range(12)])
    centred = profiles - profiles.mean(axis=1, keepdims=True)
    return np.asarray(centred @ deviation / (np.linalg.norm(centred, axis=1) * size), dtype=np.float64)


def find_key(weights: Floats) -> tuple[int, Mode]:
    """The tonic, 0 to 11, and `major` or `minor`, from the summed durations of the pitch classes, shape [12]."""
    best = int(key_correlations(weights).argmax())
    return best % 12, "minor" if best >= 12 else "major"
