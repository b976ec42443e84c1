"""Tempo and key of pieces whose tempo and key are known, and of sounds that have none."""

import numpy as np
import pytest

from adapters.media.analysis import BANDS, Analyser, MelSpectrogram
from adapters.media.key import NOTES
from domain.kit.audio.media import Audio, AudioAnalysis
from tests.media.music import SAMPLE_RATE, Piece, chunks, played


def analysed(audio: Audio, expected_bpm: float | None = None) -> tuple[AudioAnalysis, MelSpectrogram]:
    analyser = Analyser()
    for chunk in chunks(audio, 70_001):
        analyser.push(chunk, chunk.mean(axis=1, dtype=np.float32))
    return analyser.finish(expected_bpm)


@pytest.mark.parametrize("bpm", [48.0, 61.3, 75.0, 87.5, 93.7, 107.0, 128.0, 140.0, 174.0, 211.0])
def test_the_expected_tempo_is_found_within_one_percent(bpm: float) -> None:
    analysis, _ = analysed(played(Piece(bpm=bpm, seconds=15.0)), expected_bpm=bpm)

    assert analysis.tempo_bpm == pytest.approx(bpm, rel=0.01)
    assert analysis.tempo_confidence > 0.2


@pytest.mark.parametrize("bpm", [84.0, 97.0, 110.0, 126.0])
def test_common_tempos_are_found_without_a_hint(bpm: float) -> None:
    analysis, _ = analysed(played(Piece(bpm=bpm, seconds=15.0)))

    assert analysis.tempo_bpm == pytest.approx(bpm, rel=0.01)


@pytest.mark.parametrize("hint", [88.0, 96.0, 104.0, 112.0])
def test_a_wrong_expectation_does_not_bend_the_measured_value(hint: float) -> None:
    analysis, _ = analysed(played(Piece(bpm=100.0, seconds=15.0)), expected_bpm=hint)

    assert analysis.tempo_bpm == pytest.approx(100.0, rel=0.01)


@pytest.mark.parametrize("hint", [75.0, 150.0])
def test_the_expectation_settles_which_metrical_level_is_the_beat(hint: float) -> None:
    audio = played(Piece(bpm=150.0, seconds=15.0))

    analysis, _ = analysed(audio, expected_bpm=hint)

    assert analysis.tempo_bpm == pytest.approx(hint, rel=0.01)


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("tonic", range(12))
def test_all_24_keys_are_named(tonic: int, mode: str) -> None:
    analysis, _ = analysed(played(Piece(tonic=tonic, mode=mode, seconds=8.0)))

    assert analysis.key == f"{NOTES[tonic]} {mode}"
    assert 0.0 < analysis.key_confidence <= 1.0


@pytest.mark.parametrize("cents", [-35.0, 20.0, 40.0])
def test_the_key_survives_another_tuning(cents: float) -> None:
    analysis, _ = analysed(played(Piece(tonic=2, mode="major", seconds=8.0, cents=cents)))

    assert analysis.key == "D major"


def test_silence_has_neither_tempo_nor_key() -> None:
    analysis, _ = analysed(np.zeros((5 * SAMPLE_RATE, 2), np.float32), expected_bpm=120.0)

    assert (analysis.tempo_bpm, analysis.tempo_confidence) == (0.0, 0.0)
    assert (analysis.key, analysis.key_confidence) == ("", 0.0)


def test_a_sine_lights_the_band_of_its_frequency_at_its_level() -> None:
    time = np.arange(4 * SAMPLE_RATE) / SAMPLE_RATE
    for hertz in (220.0, 3_000.0):
        wave = (0.5 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)

        _, mel = analysed(np.stack([wave, wave], axis=1))

        spectrum = mel.decibels[len(mel.decibels) // 2]
        assert mel.decibels.shape == (401, BANDS)
        assert int(np.argmax(spectrum)) == pytest.approx(MelSpectrogram.band_of(hertz), abs=1.0)
        assert float(spectrum.max()) == pytest.approx(-10.0, abs=5.0)


def test_the_analysis_does_not_depend_on_the_chunks() -> None:
    audio = played(Piece(seconds=9.0))
    whole = Analyser()
    whole.push(audio, audio.mean(axis=1, dtype=np.float32))

    assert analysed(audio)[0] == whole.finish(None)[0]
