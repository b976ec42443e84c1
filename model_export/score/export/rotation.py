"""Cosines and sines of rotary positions (Su et al. 2021), as every form of the graph holds them."""

import numpy as np
from numpy.typing import NDArray

from model_export.score.export.checkpoint import Architecture


def tables(architecture: Architecture) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Two tables [context, head_size / 2]; angles in float32, as the trained model has seen them."""
    half = np.arange(0, architecture.head_size, 2, dtype=np.float32) / np.float32(architecture.head_size)
    frequencies = (np.float32(1.0) / np.float32(architecture.rope_theta) ** half).astype(np.float32)
    angles = np.outer(np.arange(architecture.context, dtype=np.float32), frequencies)
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
