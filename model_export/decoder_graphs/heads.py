"""Sizes of a decoder's self-attention, and the rotation of its positions where it has one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Cosines and sines [positions, head_size / 2] of rotary positions (Su et al. 2021).
Rotation = tuple[NDArray[np.float32], NDArray[np.float32]]
# Of one layer: what a level of an int8 key, and of a value, stands for, by channel [kv_heads * head_size].
Scales = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True)
class Heads:
    """All layers alike. `context` is how many positions a cache holds, or the name of that dimension if it is free.

    `scale` multiplies the scores; None stands for the usual head_size ** -0.5.
    """

    layers: int
    heads: int
    kv_heads: int
    head_size: int
    context: int | str
    scale: float | None = None
