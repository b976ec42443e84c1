"""Where a window is left: on an onset, as loud as the song."""

import numpy as np
import pytest

from triton_models.musicgen.joins import Floats, best_join, frame_levels, level_db, spectral_flux

HOP = 16
FRAMES = 120


def noise(level: float = 0.1, seed: int = 1) -> Floats:
    """[2, FRAMES * HOP]."""
    return (level * np.random.default_rng(seed).standard_normal((2, FRAMES * HOP))).astype(np.float32)


def with_clicks(*frames: int) -> Floats:
    """Quiet noise, in which a burst begins at each of these frames."""
    samples, burst = noise(0.01), noise(0.5, 2)
    for frame in frames:
        samples[:, frame * HOP : (frame + 1) * HOP] += burst[:, :HOP]
    return samples


def test_onsets_are_where_spectra_rise() -> None:
    flux = spectral_flux(with_clicks(30, 70), HOP)

    assert flux.shape == (FRAMES,)
    assert flux[0] == 0.0
    strongest = np.sort(np.argsort(flux)[-4:])
    assert np.abs(strongest - np.array([30, 30, 70, 70])).max() <= 1
    # and where nothing rises there is none
    assert spectral_flux(np.zeros((1, 10 * HOP), np.float32), HOP).tolist() == [0.0] * 10


def test_levels_are_in_decibels_of_full_scale() -> None:
    assert level_db(np.ones((1, 8), np.float32)) == pytest.approx(0.0, abs=1e-4)
    assert level_db(np.zeros((1, 8), np.float32)) == pytest.approx(-120.0)
    assert frame_levels(noise(0.1), HOP).mean() == pytest.approx(-20.0, abs=0.5)


def test_a_window_is_left_on_the_strongest_onset() -> None:
    samples = noise(0.1)
    samples[:, 95 * HOP : 96 * HOP] *= 3
    samples[:, 105 * HOP : 106 * HOP] *= 6

    assert best_join(samples, HOP, 30, -20.0) == pytest.approx(15, abs=1)


def test_an_onset_where_the_song_has_faded_counts_less() -> None:
    # Given two onsets, of which the later and stronger one comes when all has been 40 dB lower for half a second,
    samples = noise(0.3)
    level = level_db(samples)
    samples[:, 94 * HOP : 95 * HOP] *= 1.5
    samples[:, 95 * HOP :] *= 0.01
    samples[:, 119 * HOP :] *= 200

    assert best_join(samples, HOP, 30, level) == pytest.approx(4, abs=1)


def test_where_nothing_is_heard_most_is_kept() -> None:
    assert best_join(np.zeros((1, FRAMES * HOP), np.float32), HOP, 30, -120.0) == 29
