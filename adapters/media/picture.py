"""The track's picture: waveform over a mel spectrogram, 1600x900 PNG. Draws what it is given, measures nothing."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from adapters.media.analysis import BANDS, MelSpectrogram
from adapters.media.colours import AURORA, Values, colour_map, coloured, srgb

WIDTH, HEIGHT = 1600, 900

_LEFT, _RIGHT = 92, 1552
_WAVE_TOP, _WAVE_BOTTOM = 124, 344
_MEL_TOP, _MEL_BOTTOM = 372, 840
_DYNAMIC_RANGE = 72.0
_FREQUENCIES = (100, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000)
_TIME_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600)
_SMOOTHING = 4

_PAPER = tuple(int(v) for v in srgb((0.14, 0.03, 275.0)))
_INK = tuple(int(v) for v in srgb((0.93, 0.02, 275.0)))
_SOFT_INK = tuple(int(v) for v in srgb((0.68, 0.04, 275.0)))
_LINE = tuple(int(v) for v in srgb((0.30, 0.04, 275.0)))


@dataclass(frozen=True)
class Caption:
    """The words on the picture: the title, a line of facts under it."""

    title: str
    facts: str


def draw_picture(
    caption: Caption, duration_seconds: float, peaks: npt.NDArray[np.float32], mel: MelSpectrogram
) -> bytes:
    """PNG bytes. `peaks` [pixels, 2] are minima and maxima of the mono mix over the whole duration."""
    image = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    draw = ImageDraw.Draw(image)
    levels = _levels(mel)
    _draw_caption(draw, caption)
    _draw_waveform(image, peaks, levels)
    _draw_spectrogram(image, levels)
    _draw_frequencies(draw)
    _draw_times(draw, duration_seconds)
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=3)
    return file.getvalue()


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)


def _draw_caption(draw: ImageDraw.ImageDraw, caption: Caption) -> None:
    draw.text((_LEFT, 66), _fitted(draw, caption.title), fill=_INK, font=_font(42), anchor="ls")
    draw.text((_LEFT, 98), caption.facts, fill=_SOFT_INK, font=_font(20), anchor="ls")
    draw.text((_RIGHT, 66), "CADENZA", fill=_SOFT_INK, font=_font(18), anchor="rs")


def _fitted(draw: ImageDraw.ImageDraw, title: str) -> str:
    """The title, cut with an ellipsis where it would run into the right margin."""
    room = _RIGHT - _LEFT - 140
    if draw.textlength(title, font=_font(42)) <= room:
        return title
    while title and draw.textlength(title + "…", font=_font(42)) > room:
        title = title[:-1]
    return title.rstrip() + "…"


def _levels(mel: MelSpectrogram) -> Values:
    """Spectrogram of the picture's size, 0..1, low frequencies at the bottom: [rows, columns]."""
    size = (_RIGHT - _LEFT, _MEL_BOTTOM - _MEL_TOP)
    rows = Image.fromarray(np.ascontiguousarray(mel.decibels.T[::-1]))
    dense = len(mel.decibels) > size[0]
    columns = rows.resize((size[0], rows.height), Image.Resampling.BOX if dense else Image.Resampling.BICUBIC)
    picture = np.asarray(columns.resize(size, Image.Resampling.BICUBIC), np.float32)
    top = max(-60.0, float(np.percentile(picture, 99.8)))
    return np.clip((picture - top) / _DYNAMIC_RANGE + 1.0, 0.0, 1.0)


def _draw_spectrogram(image: Image.Image, levels: Values) -> None:
    image.paste(Image.fromarray(coloured(levels, colour_map(AURORA))), (_LEFT, _MEL_TOP))


def _draw_waveform(image: Image.Image, peaks: npt.NDArray[np.float32], levels: Values) -> None:
    """Mirrored columns, smooth by oversampling, each in the colour of how bright the sound is there."""
    width, height = _RIGHT - _LEFT, _WAVE_BOTTOM - _WAVE_TOP
    position = np.linspace(0, max(0, len(peaks) - 1), width * 2 + 1).astype(int)
    high = np.maximum.reduceat(peaks[:, 1], position[:-1])
    low = np.minimum.reduceat(peaks[:, 0], position[:-1])
    middle = height * _SMOOTHING / 2.0
    rows = np.arange(height * _SMOOTHING)[:, None] + 0.5
    covered = (rows > middle - high * middle - 1) & (rows < middle - low * middle + 1)
    alpha = covered.reshape(height, _SMOOTHING, width, 2).mean((1, 3))
    weights = levels**2
    brightness = (weights * np.linspace(1.0, 0.0, len(levels))[:, None]).sum(0) / (weights.sum(0) + 1e-6)
    smooth = np.convolve(np.pad(brightness, 12, "edge"), np.hanning(25) / np.hanning(25).sum(), "valid")
    colours = coloured(0.45 + 0.45 * _spread(smooth), colour_map(AURORA))
    layer = Image.fromarray(np.broadcast_to(colours, (height, width, 3)).copy())
    image.paste(layer, (_LEFT, _WAVE_TOP), Image.fromarray(np.rint(alpha * 255).astype(np.uint8)))


def _spread(values: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.floating[Any]]:
    low, high = np.percentile(values, [5, 95])
    spread: npt.NDArray[np.floating[Any]] = np.clip((values - low) / max(float(high - low), 1e-6), 0.0, 1.0)
    return spread


def _draw_frequencies(draw: ImageDraw.ImageDraw) -> None:
    height = _MEL_BOTTOM - _MEL_TOP
    for hertz in _FREQUENCIES:
        y = _MEL_BOTTOM - (MelSpectrogram.band_of(hertz) + 0.5) / BANDS * height
        y = max(float(_MEL_TOP), y)
        draw.line([(_LEFT - 8, y), (_LEFT - 2, y)], fill=_SOFT_INK)
        label = f"{hertz // 1000} kHz" if hertz >= 1000 else f"{hertz} Hz"
        draw.text((_LEFT - 14, y), label, fill=_SOFT_INK, font=_font(15), anchor="rm")


def _draw_times(draw: ImageDraw.ImageDraw, duration_seconds: float) -> None:
    scale = (_RIGHT - _LEFT) / duration_seconds
    step = next((s for s in _TIME_STEPS if duration_seconds / s <= 12), 600)
    for second in range(0, int(duration_seconds) + 1, step):
        x = _LEFT + second * scale
        draw.line([(x, _WAVE_BOTTOM + 10), (x, _MEL_TOP - 10)], fill=_LINE)
        draw.line([(x, _MEL_BOTTOM + 2), (x, _MEL_BOTTOM + 8)], fill=_SOFT_INK)
        label = f"{second // 60}:{second % 60:02d}"
        draw.text((x, _MEL_BOTTOM + 14), label, fill=_SOFT_INK, font=_font(15), anchor="mt")
