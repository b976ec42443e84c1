"""Songs that are levelled while they are made: how loud, how even, how long, and whatever parts they come in."""

import numpy as np
import pytest

from adapters.media.levelling import CEILING_DBTP, STEP_DB, TARGET_LUFS, Leveller
from adapters.media.loudness import LoudnessMeter
from adapters.media.song_sound import FADE_SECONDS, SongSound
from adapters.media.spectrum import SAMPLE_RATE
from domain.kit.audio.media import Audio

SECONDS = 20
RATE = 32_000


def music(level: float, seconds: float = SECONDS, rate: int = SAMPLE_RATE) -> Audio:
    """A tone that breathes, with noise and a click every half second, [frames, 2]."""
    time = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(3).standard_normal(len(time))
    mono = level * (np.sin(2 * np.pi * 220 * time) * (1 + 0.5 * np.sin(np.pi * time)) + 0.2 * noise)
    mono[rate // 2 :: rate // 2] = 0.95
    return np.repeat(mono.astype(np.float32)[:, None], 2, axis=1)


def levelled(audio: Audio, size: int) -> Audio:
    leveller = Leveller()
    parts = [leveller.push(audio[start : start + size]) for start in range(0, len(audio), size)]
    return np.concatenate([*parts, leveller.finish()])


def loudness(audio: Audio) -> tuple[float, float]:
    meter = LoudnessMeter()
    meter.push(audio)
    found = meter.finish()
    return found.integrated_lufs, found.true_peak_dbtp


@pytest.mark.parametrize("level", [0.06, 0.2, 0.5])
def test_a_song_gets_as_loud_as_the_others_and_no_peak_is_above_the_ceiling(level: float) -> None:
    song = levelled(music(level), SAMPLE_RATE)
    integrated, peak = loudness(song)
    assert len(song) == SECONDS * SAMPLE_RATE
    assert integrated == pytest.approx(TARGET_LUFS, abs=1.0)
    assert peak <= CEILING_DBTP + 0.5


def test_the_parts_in_which_it_comes_do_not_matter() -> None:
    song = music(0.1)
    whole = levelled(song, len(song))
    for size in (777, 44_100, 300_001):
        assert np.array_equal(levelled(song, size), whole)


def test_silence_stays_silent_and_what_is_shorter_than_a_block_is_kept() -> None:
    nothing = np.zeros((SAMPLE_RATE * 3, 2), np.float32)
    assert np.array_equal(levelled(nothing, SAMPLE_RATE), nothing)
    assert levelled(music(0.1, 0.03), 100).shape == (round(0.03 * SAMPLE_RATE), 2)
    assert Leveller().finish().shape == (0, 2)


def test_the_gain_moves_too_slowly_to_be_heard() -> None:
    # given a song of which the second half is sixteen times as loud as the first
    tone = np.sin(2 * np.pi * 440 * np.arange(10 * SAMPLE_RATE) / SAMPLE_RATE)
    song = np.repeat(np.concatenate([0.02 * tone, 0.32 * tone]).astype(np.float32)[:, None], 2, axis=1)
    # when it is levelled, then of two seconds within a half, the louder is less than half a decibel a second louder
    found = levelled(song, SAMPLE_RATE)
    for start in (2, 3, 4, 12, 13, 14):
        powers = [np.square(found[s * SAMPLE_RATE : (s + 1) * SAMPLE_RATE]).mean() for s in (start, start + 1)]
        assert abs(10 * np.log10(powers[1] / powers[0])) <= 10 * STEP_DB + 0.1


@pytest.mark.parametrize("channels", [1, 2])
def test_what_a_model_makes_is_taken_at_its_rate_and_told_at_ours(channels: int) -> None:
    # given a song of 10 s at another rate, a little longer than was asked for
    song, frames = music(0.1, 10.1, RATE)[:, :channels], 10 * SAMPLE_RATE
    sound = SongSound(RATE, channels, frames)
    parts = [sound.push(song[start : start + 16_000]) for start in range(0, len(song), 16_000)]
    assert sound.missing_seconds == pytest.approx(-0.1)
    told = np.concatenate([*parts, sound.finish()])
    # then it is exactly as long as was asked, in stereo, and of the right pitch
    assert told.shape == (frames, 2)
    assert np.array_equal(told[:, 0], told[:, 1])
    spectrum = np.abs(np.fft.rfft(told[: 8 * SAMPLE_RATE, 0]))
    assert np.argmax(spectrum) / 8 == pytest.approx(220, abs=1)
    # and its end is faded, in a tenth of it at most
    assert np.abs(told[-10:]).max() < 1e-3
    assert np.abs(told[-round((FADE_SECONDS / 2 + 0.5) * SAMPLE_RATE) :]).max() > 0.1
    # and what was told is measured
    assert sound.loudness().integrated_lufs == pytest.approx(loudness(told)[0], abs=0.05)


def test_what_a_model_leaves_out_is_known_and_becomes_silence() -> None:
    sound = SongSound(RATE, 1, 2 * SAMPLE_RATE)
    heard = sound.push(music(0.1, 1.0, RATE)[:, :1])
    assert sound.missing_seconds == 1.0
    told = np.concatenate([heard, sound.finish()])
    assert told.shape == (2 * SAMPLE_RATE, 2)
    assert not told[-SAMPLE_RATE // 2 :].any()
