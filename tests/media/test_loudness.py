"""Loudness and true peak against an independent meter and against signals of known level."""

import numpy as np
import pyloudnorm
import pytest

from adapters.media.loudness import SILENCE_LUFS, Loudness, LoudnessMeter
from domain.kit.audio.media import Audio
from tests.media.music import SAMPLE_RATE, Piece, chunks, played


def measured(audio: Audio, frames: int = 50_000) -> Loudness:
    meter = LoudnessMeter()
    for chunk in chunks(audio, frames):
        meter.push(chunk)
    return meter.finish()


def sine(hertz: float, amplitude: float, phase: float = 0.0, seconds: float = 5.0) -> Audio:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    wave = amplitude * np.sin(2 * np.pi * hertz * time + phase)
    audio: Audio = np.stack([wave, wave], axis=1).astype(np.float32)
    return audio


def test_a_stereo_tone_of_minus_23_dbfs_reads_minus_23_lufs() -> None:
    # EBU Tech 3341, case 1.
    assert measured(sine(1000.0, 10 ** (-23 / 20), seconds=20)).integrated_lufs == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("drums", [True, False])
def test_loudness_agrees_with_pyloudnorm(drums: bool) -> None:
    audio = played(Piece(seconds=10.0, drums=drums))

    expected = pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(audio.astype(np.float64))

    assert measured(audio).integrated_lufs == pytest.approx(expected, abs=0.1)


def test_a_quarter_rate_tone_between_its_samples_reaches_its_true_peak() -> None:
    # EBU Tech 3341, case 15 in spirit: the samples show -9 dB, the wave between them reaches -6 dB.
    tone = sine(SAMPLE_RATE / 4, 0.5, np.pi / 4)

    assert 20 * np.log10(np.abs(tone).max()) == pytest.approx(-9.03, abs=0.01)
    assert measured(tone).true_peak_dbtp == pytest.approx(-6.02, abs=0.3)


def test_the_reading_does_not_depend_on_the_chunks() -> None:
    audio = played(Piece(seconds=6.0))

    assert measured(audio, 4_411) == measured(audio, len(audio))


def test_silence_has_a_finite_reading() -> None:
    loudness = measured(np.zeros((2 * SAMPLE_RATE, 2), np.float32))

    assert loudness == Loudness(SILENCE_LUFS, 0.0, -120.0)
