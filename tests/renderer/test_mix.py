"""The mix: levels, panning, sends and stems."""

import math

import numpy as np
import pytest

from tests.renderer.scores import make_track, never
from triton_models.renderer.audio import Audio, decibels_to_gain
from triton_models.renderer.mix import BusLevel, Mixer, Strip, fader_gain
from triton_models.renderer.profiles import ROLE_LEVEL_DB, tilt_of
from triton_models.renderer.spool import AudioSpool
from triton_models.score.model import ROLES, Track

FRAMES = 88_200


def tone(hertz: float, amplitude: float) -> Audio:
    wave = amplitude * np.sin(2 * math.pi * hertz * np.arange(FRAMES) / 44_100)
    stereo: Audio = np.stack([wave, wave], axis=1).astype(np.float32)
    return stereo


def make_strip(track: Track, audio: Audio) -> Strip:
    strip = Strip(track, AudioSpool())
    strip.audio.write(0, audio)
    strip.add_level(audio)
    return strip


def run(strips: list[Strip], keep_stems: bool = False) -> tuple[Audio, BusLevel]:
    with AudioSpool() as bus:
        level = Mixer(strips, keep_stems).run(FRAMES, bus, never, lambda part: None)
        return bus.read(0, FRAMES), level


def test_gain_staging_brings_a_track_to_its_roles_level() -> None:
    strip = make_strip(make_track(role="bass", volume=0.5), tone(80.0, 0.1))

    rms = 0.1 / math.sqrt(2)
    assert fader_gain(strip) * rms == pytest.approx(0.5 * decibels_to_gain(ROLE_LEVEL_DB["bass"]), rel=1e-3)


def test_gain_staging_is_bounded() -> None:
    faint = make_strip(make_track(volume=1.0), tone(440.0, 1e-5))

    assert fader_gain(faint) == pytest.approx(decibels_to_gain(15.0))


def test_rests_do_not_count_for_the_level() -> None:
    busy = make_strip(make_track(), tone(440.0, 0.1))
    sparse = make_strip(make_track(), tone(440.0, 0.1))
    for _ in range(20):
        sparse.add_level(np.zeros((100, 2), np.float32))

    assert fader_gain(sparse) == fader_gain(busy)


def test_a_silent_or_closed_strip_adds_nothing() -> None:
    silent = make_strip(make_track(), np.zeros((FRAMES, 2), np.float32))
    closed = make_strip(make_track(volume=0.0), tone(440.0, 0.5))

    mix, level = run([silent, closed])

    assert not mix.any()
    assert level == BusLevel(-70.0, 0.0)


def test_stems_without_reverb_add_up_to_the_mix() -> None:
    strips = [
        make_strip(make_track("a", role="bass"), tone(60.0, 0.2)),
        make_strip(make_track("b", role="chords"), tone(500.0, 0.2)),
    ]

    mix, _ = run(strips, keep_stems=True)

    total = sum(strip.audio.read(0, FRAMES) for strip in strips)
    assert np.allclose(mix, total, atol=1e-6)


def test_the_mix_is_the_same_with_and_without_stems() -> None:
    track = make_track(reverb=0.4)

    plain, _ = run([make_strip(track, tone(440.0, 0.2))])
    kept, _ = run([make_strip(track, tone(440.0, 0.2))], keep_stems=True)

    assert np.array_equal(plain, kept)


def test_reverb_rings_on_after_the_sound_and_widens_it() -> None:
    burst = tone(880.0, 0.3)
    burst[11_025:] = 0
    dry, _ = run([make_strip(make_track(reverb=0.0), burst)])
    wet, _ = run([make_strip(make_track(reverb=0.5), burst)])

    tail = slice(22_050, 44_100)
    assert np.abs(dry[tail]).max() < 1e-5
    assert np.abs(wet[tail]).max() > 1e-3
    assert abs(np.corrcoef(wet[tail].T)[0, 1]) < 0.5


def test_chords_leave_the_low_end_to_a_bass_only_when_there_is_one() -> None:
    alone, _ = run([make_strip(make_track(role="chords"), tone(50.0, 0.2))])
    beside, _ = run(
        [
            make_strip(make_track(role="chords"), tone(50.0, 0.2)),
            make_strip(make_track("b", role="bass"), np.zeros((FRAMES, 2), np.float32)),
        ]
    )

    assert np.abs(beside).max() < 0.6 * np.abs(alone).max()


def test_every_role_has_a_level_and_lo_fi_is_darker_than_pop() -> None:
    assert set(ROLE_LEVEL_DB) == set(ROLES)
    assert tilt_of("lofi hip hop").high_db < 0 < tilt_of("pop").high_db
    assert tilt_of("something new").high_db == 0
