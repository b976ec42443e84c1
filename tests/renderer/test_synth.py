"""Notes to sound."""

from pathlib import Path

import numpy as np
import pytest

from tests.renderer.scores import make_track
from triton_models.renderer.audio import Audio
from triton_models.renderer.schedule import schedule_track
from triton_models.renderer.synth import SoundFontSynth
from triton_models.score.model import TempoChange, Track

FRAMES = 44_100


def play(synth: SoundFontSynth, track: Track, frames: int = FRAMES) -> Audio:
    events = schedule_track(track, (TempoChange(0.0, 120.0),), frames)
    return np.concatenate(list(synth.play(track, events, frames)))


def test_a_note_begins_at_its_very_frame(synth: SoundFontSynth) -> None:
    audio = play(synth, make_track(notes=[(0.5, 1.0, 76, 100)], bank=128, program=0))

    sounding = np.flatnonzero(np.abs(audio).max(axis=1) > 0)
    assert len(audio) == FRAMES
    assert 11_025 <= sounding[0] <= 11_027


def test_an_a4_has_440_hertz(synth: SoundFontSynth) -> None:
    audio = play(synth, make_track(program=73, notes=[(0.0, 2.0, 69, 100)]))

    spectrum = np.abs(np.fft.rfft(audio.mean(axis=1)[11_025:33_075] * np.hanning(22_050)))
    assert 2.0 * np.argmax(spectrum) == pytest.approx(440.0, abs=4.0)


def test_the_same_track_gives_the_same_samples_again(synth: SoundFontSynth) -> None:
    track = make_track(program=0, notes=[(0.0, 0.3, 60, 90), (0.5, 0.3, 64, 90)])

    first = play(synth, track)
    play(synth, make_track(program=48, notes=[(0.0, 2.0, 50, 120)]))

    assert np.array_equal(play(synth, track), first)


def test_pan_moves_the_sound(synth: SoundFontSynth) -> None:
    left, right = np.abs(play(synth, make_track(pan=-1.0))).max(axis=0)

    assert left > 0.01
    assert right < left / 1000


def test_a_released_note_dies_away(synth: SoundFontSynth) -> None:
    audio = play(synth, make_track(program=16, notes=[(0.0, 0.5, 60, 100)]))

    assert np.abs(audio[5_000:10_000]).max() > 0.01
    assert np.abs(audio[-4_410:]).max() < 0.001


def test_presets_outside_the_font_are_known_to_be_missing(synth: SoundFontSynth) -> None:
    assert synth.has_preset(0, 0)
    assert synth.has_preset(128, 40)
    assert not synth.has_preset(0, 41)


def test_a_missing_font_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.sf3 does not exist"):
        SoundFontSynth(tmp_path / "none.sf3")
