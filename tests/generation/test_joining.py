"""Where a recording is left, and how another one is joined to it."""

import numpy as np
import pytest

from domain.generation.joining import HOP, MOST_DROPPED_SECONDS, Crossfade, leaving_frame
from domain.kit.audio.media import SEGMENT_RATE, Audio


def tone(seconds: float, level: float = 0.3) -> Audio:
    time = np.arange(round(seconds * SEGMENT_RATE)) / SEGMENT_RATE
    return np.repeat((level * np.sin(2 * np.pi * 220 * time)).astype(np.float32)[:, None], 2, axis=1)


def silence(seconds: float) -> Audio:
    return np.zeros((round(seconds * SEGMENT_RATE), 2), np.float32)


def test_a_song_that_plays_to_its_end_is_kept_to_its_last_sample() -> None:
    song = tone(7.013)
    assert leaving_frame(song) == len(song)


@pytest.mark.parametrize("quiet", [0.5, 2.0, 4.0])
def test_silence_behind_the_end_is_not_kept(quiet: float) -> None:
    kept = leaving_frame(np.concatenate([tone(12.0), silence(quiet)]))
    # half of the 400 ms that are compared may lie behind the end
    assert 12.0 * SEGMENT_RATE - HOP <= kept <= 12.2 * SEGMENT_RATE + HOP


def test_of_a_fade_only_its_beginning_is_kept() -> None:
    song = tone(12.0)
    fade = np.cos(np.linspace(0, np.pi / 2, 2 * SEGMENT_RATE)).astype(np.float32)[:, None]
    song[-len(fade) :] *= fade
    kept = leaving_frame(song) / SEGMENT_RATE
    # a cosine is 3 dB down in its middle
    assert 10.8 < kept < 11.3


def test_at_most_ten_seconds_are_dropped() -> None:
    song = np.concatenate([tone(9.0), silence(8.9), tone(0.5), tone(11.0, 0.02)])
    assert leaving_frame(song) >= len(song) - MOST_DROPPED_SECONDS * SEGMENT_RATE


def test_silence_alone_and_what_is_too_short_to_compare_are_kept() -> None:
    assert leaving_frame(silence(3.0)) == 3 * SEGMENT_RATE
    assert leaving_frame(tone(0.3)) == round(0.3 * SEGMENT_RATE)
    assert leaving_frame(silence(0)) == 0


@pytest.mark.parametrize("size", [1000, 4410, 4411, 20_000])
def test_what_goes_on_alike_is_joined_without_a_trace_whatever_its_parts(size: int) -> None:
    # given a song, and another that repeats its last tenth of a second before it goes on
    song = tone(3.0)
    lead = SEGMENT_RATE // 10
    before, behind = song[:SEGMENT_RATE], song[SEGMENT_RATE - lead :]
    # when they are joined
    fade = Crossfade(before[-lead:])
    parts = [fade.into(behind[start : start + size]) for start in range(0, len(behind), size)]
    joined = np.concatenate([before[:-lead], *parts])
    # then it is the song
    assert joined.shape == song.shape
    assert np.abs(joined - song).max() < 1e-6


def test_what_is_faded_out_ends_where_the_other_stands_alone() -> None:
    fade = Crossfade(np.ones((100, 2), np.float32))
    joined = fade.into(np.zeros((150, 2), np.float32))
    assert joined[0, 0] == pytest.approx(0.995)
    assert joined[99, 0] == pytest.approx(0.005)
    assert not joined[100:].any()
