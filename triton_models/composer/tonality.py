"""How clearly a pitch-class distribution speaks for a key, after Krumhansl and Kessler (1982).

Their probe-tone profiles rate how well each pitch class fits a major and a minor key.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from triton_models.score.model import Key

Weights = NDArray[np.float64]

_MAJOR: Final = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR: Final = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
_OVERTONE_INTERVALS: Final = (0, 0, 7, 0, 4, 7)
_OVERTONE_DECAY: Final = 0.75
_NO_KEY: Final = 1e-9  # what differs less between pitch classes speaks for no key


def key_correlations(weights: Weights) -> Weights:
    """Correlation of 12 pitch-class weights with the 12 major, then the 12 minor profiles, shape [24].

    Weights that are all equal speak for no key: all correlations are 0.
    """
    deviation = weights - weights.mean()
    size = float(np.linalg.norm(deviation))
    if size < _NO_KEY:
        return np.zeros(24)
    profiles = np.array([np.roll(profile, tonic) for profile in (_MAJOR, _MINOR) for tonic in range(12)])
    centred = profiles - profiles.mean(axis=1, keepdims=True)
    return np.asarray(centred @ deviation / (np.linalg.norm(centred, axis=1) * size), dtype=np.float64)


def with_overtones(weights: Weights) -> Weights:
    """Pitch-class weights as a spectrum shows them: every tone also sounds its fifth and major third.

    Overtone n of a tone has the share 0.75^(n-1); the third and sixth fall on the fifth, the fifth on the
    major third, the others up to the sixth on the tone itself.
    """
    heard = np.zeros(12)
    for overtone, interval in enumerate(_OVERTONE_INTERVALS):
        heard += _OVERTONE_DECAY**overtone * np.roll(weights, interval)
    return heard


def heard_clarity(weights: Weights, key: Key) -> float:
    """The lesser of the clarity of the written notes and that of their spectrum."""
    return min(clarity(weights, key), clarity(with_overtones(weights), key))


def clarity(weights: Weights, key: Key) -> float:
    """Correlation with the key's own profile less the best rival's; positive where the key is heard.

    A mode counts as the major or minor key of its tonic.
    """
    correlations = key_correlations(weights)
    own = key.pitch_class + (12 if key.is_minor else 0)
    return float(correlations[own] - np.delete(correlations, own).max())
