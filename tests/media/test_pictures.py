"""The drawn pictures: shape, determinism, and that they show the sound they were given."""

import io

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from adapters.media.analysis import BANDS, MelSpectrogram
from adapters.media.colours import AURORA, colour_map
from adapters.media.cover import draw_cover
from adapters.media.picture import Caption, draw_picture

QUIET, LOUD = -90.0, -20.0


def tone_in_second_half() -> tuple[npt.NDArray[np.float32], MelSpectrogram]:
    decibels = np.full((400, BANDS), QUIET, np.float32)
    decibels[200:, 40:60] = LOUD
    peaks = np.zeros((172, 2), np.float32)
    peaks[86:] = (-0.8, 0.8)
    return peaks, MelSpectrogram(decibels)


def opened(data: bytes) -> npt.NDArray[np.int64]:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"), np.int64)


def test_the_colour_map_grows_lighter_step_by_step() -> None:
    luminance = colour_map(AURORA) @ np.array([0.2126, 0.7152, 0.0722])

    assert colour_map(AURORA).shape == (256, 3)
    assert np.diff(luminance).min() > -1.0
    assert luminance[0] < 15
    assert luminance[-1] > 230


def test_the_picture_shows_where_and_how_high_the_sound_is() -> None:
    peaks, mel = tone_in_second_half()

    pixels = opened(draw_picture(Caption("Half", "a test"), 4.0, peaks, mel)).sum(axis=2)

    wave, spectrum = pixels[130:340], pixels[372:840]
    assert wave[:, 900:1500].mean() > 5 * wave[:, 150:750].mean()
    lit = 468 - 468 * 50 // BANDS
    assert spectrum[lit - 10 : lit + 10, 900:1500].mean() > 500
    assert spectrum[lit - 10 : lit + 10, 150:750].mean() < 60
    assert spectrum[:100, 900:1500].mean() < 60


@pytest.mark.parametrize("title", ["", "x" * 300, "Über den Wolken · Noël", "雨の窓"])
def test_any_title_fits_beside_the_mark(title: str) -> None:
    peaks, mel = tone_in_second_half()

    pixels = opened(draw_picture(Caption(title, ""), 4.0, peaks, mel)).sum(axis=2)

    assert pixels.shape == (900, 1600)
    assert pixels[:100, 1400:1450].max() < 60


def test_the_cover_is_drawn_from_the_sound_and_its_key() -> None:
    _, mel = tone_in_second_half()

    cover = draw_cover(mel, "A minor")

    assert cover == draw_cover(mel, "A minor")
    assert opened(cover).shape == (1024, 1024, 3)
    assert cover != draw_cover(mel, "Eb major")
    assert cover != draw_cover(MelSpectrogram(mel.decibels[::-1]), "A minor")
    assert opened(draw_cover(mel, "")).std() > 10


@pytest.mark.parametrize("frames", [1, 2, 5_000])
def test_pictures_of_any_length_can_be_drawn(frames: int) -> None:
    mel = MelSpectrogram(np.full((frames, BANDS), QUIET, np.float32))

    assert opened(draw_cover(mel, "C major")).shape == (1024, 1024, 3)
    assert opened(draw_picture(Caption("t", "f"), 0.01, np.zeros((1, 2), np.float32), mel)).shape == (900, 1600, 3)
