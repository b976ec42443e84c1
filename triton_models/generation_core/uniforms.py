"""The random numbers of a request: a function of its seed, the position and the code book, and of nothing else."""

import numpy as np
from numpy.typing import NDArray

Uniforms = NDArray[np.float64]


def uniforms(seed: int, positions: int, books: int) -> Uniforms:
    """[positions, books] in [0, 1): the first numbers of Philox4x64-10 (Salmon et al. 2011), keyed by the seed.

    A longer request of the same seed begins with the same numbers.
    """
    return np.random.Generator(np.random.Philox(key=seed)).random((positions, books))
