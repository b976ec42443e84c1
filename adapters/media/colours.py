"""Colours in OKLCH and the maps that the pictures share. Knows nothing of sound."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Values = npt.NDArray[np.float32]

# Ottosson, A perceptual color space for image processing (2020): OKLab to LMS roots, LMS to linear sRGB.
_TO_LMS = np.array(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)

Oklch = tuple[float, float, float]
"""Lightness 0..1, chroma 0..about 0.3, hue in degrees."""


def srgb(colours: npt.ArrayLike) -> Pixels:
    """OKLCH triples [..., 3] as sRGB bytes; what lies outside the gamut is clipped."""
    lightness, chroma, hue = np.moveaxis(np.asarray(colours, np.float64), -1, 0)
    angle = np.deg2rad(hue)
    lab = np.stack([lightness, chroma * np.cos(angle), chroma * np.sin(angle)], -1)
    linear = np.clip((lab @ _TO_LMS.T) ** 3 @ _TO_RGB.T, 0.0, 1.0)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    pixels: Pixels = np.rint(encoded * 255).astype(np.uint8)
    return pixels


def colour_map(anchors: Sequence[Oklch]) -> Pixels:
    """256 sRGB colours, evenly from the first anchor to the last along OKLCH: [256, 3]."""
    steps = np.linspace(0, len(anchors) - 1, 256)
    table = np.asarray(anchors, np.float64)
    return srgb(np.stack([np.interp(steps, np.arange(len(anchors)), table[:, i]) for i in range(3)], -1))


def coloured(values: npt.NDArray[np.floating[Any]], table: Pixels) -> Pixels:
    """Values 0..1 through a colour map: [...] to [..., 3]."""
    pixels: Pixels = table[np.clip(np.rint(values * 255), 0, 255).astype(np.uint8)]
    return pixels


# Lightness rises evenly, so that equal steps in level look equal; from night blue over violet and coral to cream.
AURORA: tuple[Oklch, ...] = (
    (0.14, 0.030, 275.0),
    (0.26, 0.095, 283.0),
    (0.39, 0.155, 300.0),
    (0.52, 0.200, 335.0),
    (0.65, 0.200, 380.0),
    (0.77, 0.165, 415.0),
    (0.88, 0.125, 445.0),
    (0.97, 0.045, 465.0),
)
