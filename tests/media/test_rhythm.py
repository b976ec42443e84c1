"""Beats and bars of clicks and pieces whose beats are known, and of sounds that have none."""

from dataclasses import replace

import numpy as np
import pytest

from domain.kit.audio.media import Audio
from domain.kit.audio.sound import BeatGrid
from tests.media.listening import analysed
from tests.media.music import SAMPLE_RATE, Piece, played
from tests.media.scoring import BEAT_TOLERANCE, score

NO_GRID = BeatGrid((), 0.0, 0, (), 0.0)


def grid_of(audio: Audio, expected_bpm: float | None = None) -> BeatGrid:
    return analysed(audio, expected_bpm).structure.grid


def clicks(moments: list[float], seconds: float) -> Audio:
    """A short burst of noise at each moment."""
    random = np.random.default_rng(1)
    mono = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    burst = 0.8 * random.uniform(-1.0, 1.0, 1_000) * np.exp(-np.arange(1_000) / 200)
    for moment in moments:
        start = round(moment * SAMPLE_RATE)
        mono[start : start + 1_000] += burst[: len(mono) - start]
    audio: Audio = np.stack([mono, mono], axis=1)
    return audio


def every(period: float, seconds: float, first: float = 0.0) -> list[float]:
    return [float(moment) for moment in np.arange(first, seconds - 0.05, period)]


@pytest.mark.parametrize("bpm", [72.0, 96.0, 120.0, 133.3, 150.0])
def test_the_beats_of_a_click_track_are_its_clicks(bpm: float) -> None:
    true = every(60.0 / bpm, 20.0, first=0.31)

    grid = grid_of(clicks(true, 20.0))

    assert score(grid.beats, true, BEAT_TOLERANCE).f_measure >= 0.97
    assert np.abs(np.array(grid.beats[1:]) - np.array(true[1 : len(grid.beats)])).max() < 0.03
    assert grid.confidence > 0.9


def test_beats_follow_a_player_who_sways() -> None:
    # given clicks around 100 bpm that drift by some percent and back
    periods = 0.6 * (1.0 + 0.04 * np.sin(np.arange(48) / 6.0))
    true = [float(moment) for moment in 0.5 + np.cumsum(periods)]

    grid = grid_of(clicks(true, 31.0))

    assert score(grid.beats, true, BEAT_TOLERANCE).f_measure >= 0.95


@pytest.mark.parametrize("bpm", [75.0, 100.0, 128.0])
def test_bars_of_four_begin_where_the_chords_change(bpm: float) -> None:
    seconds = 32.0
    grid = grid_of(played(Piece(bpm=bpm, seconds=seconds)), bpm)

    assert score(grid.beats, every(60.0 / bpm, seconds), BEAT_TOLERANCE).f_measure >= 0.95
    assert grid.beats_per_bar == 4
    assert score(grid.downbeats, every(240.0 / bpm, seconds), BEAT_TOLERANCE).f_measure >= 0.9
    assert grid.downbeat_confidence > 0.5
    assert set(grid.downbeats) <= set(grid.beats)


def test_without_chords_nothing_is_said_of_bars() -> None:
    grid = grid_of(clicks(every(0.5, 20.0), 20.0))

    assert len(grid.beats) > 30
    assert (grid.beats_per_bar, grid.downbeats, grid.downbeat_confidence) == (0, (), 0.0)


def test_silence_a_tone_and_a_moment_have_no_beats() -> None:
    tone = 0.5 * np.sin(2.0 * np.pi * 440.0 * np.arange(10 * SAMPLE_RATE) / SAMPLE_RATE)
    held = np.stack([tone, tone], axis=1).astype(np.float32)

    assert grid_of(np.zeros((10 * SAMPLE_RATE, 2), np.float32)) == NO_GRID
    assert grid_of(held[SAMPLE_RATE : SAMPLE_RATE + 10]) == NO_GRID
    assert grid_of(held).confidence < 0.5


def test_noise_has_no_beats_that_anybody_should_trust() -> None:
    noise = np.random.default_rng(5).uniform(-0.3, 0.3, (20 * SAMPLE_RATE, 2)).astype(np.float32)

    grid = grid_of(noise)

    assert grid.confidence < 0.6
    assert grid.beats_per_bar == 0


def test_what_is_before_the_first_and_behind_the_last_stroke_has_no_beats() -> None:
    true = every(0.5, 18.0, first=6.0)

    grid = grid_of(clicks(true, 26.0))

    assert grid.beats[0] == pytest.approx(6.0, abs=0.03)
    assert grid.beats[-1] == pytest.approx(true[-1], abs=0.03)


def test_beats_do_not_depend_on_the_level() -> None:
    audio = played(Piece(bpm=104.0, seconds=12.0))

    loud, soft = grid_of(audio), grid_of((0.05 * audio).astype(np.float32))

    assert replace(soft, confidence=loud.confidence, downbeat_confidence=loud.downbeat_confidence) == loud
    assert soft.confidence == pytest.approx(loud.confidence, abs=0.05)
