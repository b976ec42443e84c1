"""Cover art drawn from the song's own spectrum: the piece as rings around its beginning. Deterministic."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageDraw, ImageFilter
from scipy import ndimage

from adapters.media.analysis import MelSpectrogram
from adapters.media.colours import Oklch, Pixels, Values, colour_map, coloured
from adapters.media.key import NOTES

SIDE = 1024

_RINGS, _ANGLES, _SMOOTHING = 56, 720, 2
_INNER, _OUTER, _SWING = 120.0, 430.0, 46.0
_DYNAMIC_RANGE = 66.0


def draw_cover(mel: MelSpectrogram, key: str, quality: int = 90) -> bytes:
    """JPEG of 1024x1024. Time runs from the centre outwards, pitch from the foot of each ring to its head.

    The hue follows the key around the circle of fifths, minor keys go darker; an empty `key` counts as C major.
    """
    rings = _rings(mel)
    palette = colour_map(_anchors(key))
    canvas = _glow(rings, palette)
    lines = _lines(rings, palette)
    bloom = lines.filter(ImageFilter.GaussianBlur(14))
    art = ImageChops.screen(ImageChops.screen(canvas, bloom), lines)
    return as_jpeg(art, quality)


def as_jpeg(image: Image.Image, quality: int) -> bytes:
    """JPEG with full colour resolution, which the thin lines need."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, subsampling=0)
    return file.getvalue()


def _anchors(key: str) -> tuple[Oklch, ...]:
    """Night violet, then the key's hue turning by a third of the wheel: colder in minor, warmer in major."""
    tonic, _, mode = key.partition(" ")
    fifths = (NOTES.index(tonic) * 7) % 12 if tonic in NOTES else 0
    # From 115 to 445 degrees, so that the way from violet to a warm hue leads over magenta and not over green.
    hue = 115.0 + (30.0 * fifths + 270.0) % 360.0
    turn = -90.0 if mode == "minor" else 90.0
    return (
        (0.15, 0.045, 285.0),
        (0.30, 0.100, 285.0),
        (0.52, 0.180, hue),
        (0.68, 0.185, hue + 0.4 * turn),
        (0.82, 0.145, hue + 0.8 * turn),
        (0.94, 0.060, hue + turn),
    )


def _rings(mel: MelSpectrogram) -> Values:
    """Levels 0..1 [rings, angles]: the spectrum of each stretch of time, mirrored left and right.

    Every band counts against its own loudest moments, so that the high register draws as much as the bass.
    """
    bands = Image.fromarray(np.ascontiguousarray(mel.decibels))
    half = np.asarray(bands.resize((_ANGLES // 2, _RINGS), Image.Resampling.BICUBIC), np.float32)
    loudest = max(-60.0, float(np.percentile(half, 99.5)))
    own = np.percentile(half, 97, axis=0)
    top = np.maximum(0.4 * loudest + 0.6 * own, loudest - 0.6 * _DYNAMIC_RANGE)
    levels = np.clip((half - top) / _DYNAMIC_RANGE + 1.0, 0.0, 1.0)
    detail = levels - ndimage.gaussian_filter(levels, (0.0, 9.0), mode="nearest")
    lively = np.clip(0.75 * levels + 1.6 * detail, 0.0, 1.0)
    whole = np.concatenate([lively, lively[:, ::-1]], axis=1)
    smooth: Values = ndimage.gaussian_filter(whole, (0.7, 1.6), mode=("nearest", "wrap"))
    return smooth


def _glow(rings: Values, palette: Pixels) -> Image.Image:
    """A soft polar spectrogram behind the lines."""
    grid = (np.arange(SIDE // 2) * 2 + 1 - SIDE / 2).astype(np.float32)
    x, y = np.meshgrid(grid, grid)
    radius = np.hypot(x, y)
    angle = np.mod(np.arctan2(x, y) / (2.0 * np.pi) * _ANGLES, _ANGLES)
    ring = (radius - _INNER) / (_OUTER - _INNER) * (_RINGS - 1)
    level = ndimage.map_coordinates(rings, [np.clip(ring, 0, _RINGS - 1), angle], order=1, mode="grid-wrap")
    fade = 1.0 / (1.0 + np.exp((radius - _OUTER - 10.0) / 26.0)) / (1.0 + np.exp((_INNER - 40.0 - radius) / 16.0))
    values = ndimage.gaussian_filter(0.58 * level**1.8 * fade, 3.0)
    halo = 0.13 * np.exp(-(((radius - 300.0) / 210.0) ** 2))
    return Image.fromarray(coloured(values + halo, palette)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def _lines(rings: Values, palette: Pixels) -> Image.Image:
    """One bright contour for each ring, pushed outwards where the spectrum is strong."""
    image = Image.new("RGB", (SIDE * _SMOOTHING, SIDE * _SMOOTHING))
    draw = ImageDraw.Draw(image)
    angle = np.arange(_ANGLES + 1) / _ANGLES * 2.0 * np.pi
    for index in range(_RINGS):
        base = _INNER + (_OUTER - _INNER) * index / (_RINGS - 1)
        radius = base + _SWING * np.append(rings[index], rings[index, 0]) ** 1.6
        colour = palette[int(110 + 125 * index / _RINGS)]
        draw.line(_points(radius, angle), fill=tuple(int(v) for v in colour), width=3, joint="curve")
    return image.reduce(_SMOOTHING)


def _points(radius: npt.NDArray[np.floating[Any]], angle: npt.NDArray[np.floating[Any]]) -> list[tuple[float, float]]:
    x = (SIDE / 2 + radius * np.sin(angle)) * _SMOOTHING
    y = (SIDE / 2 + radius * np.cos(angle)) * _SMOOTHING
    return list(zip(x.tolist(), y.tolist(), strict=True))
