"""Energy, danceability, acousticness and valence of sounds about which nobody would argue."""

import numpy as np
import pytest

from adapters.media.character import fluctuation_exponent
from domain.kit.audio.media import Audio
from domain.kit.audio.sound import Character, Estimate
from tests.media.listening import analysed
from tests.media.music import SAMPLE_RATE, Piece, played

CALM = Piece(bpm=60.0, tonic=9, mode="minor", seconds=20.0, drums=False)
DANCE = Piece(bpm=120.0, tonic=0, mode="major", seconds=20.0)


def character_of(audio: Audio) -> Character:
    return analysed(audio).character


def estimates(character: Character) -> dict[str, Estimate]:
    return dict(vars(character))


def test_a_beat_has_more_energy_and_is_better_to_dance_to_than_calm_chords() -> None:
    calm, dance = character_of((0.2 * played(CALM)).astype(np.float32)), character_of(played(DANCE))

    assert dance.energy.value > calm.energy.value + 0.3
    assert dance.danceability.value > calm.danceability.value + 0.3
    assert calm.acousticness.value > dance.acousticness.value + 0.3


def test_quick_and_major_is_taken_for_more_cheerful_than_slow_and_minor() -> None:
    sad, glad = character_of(played(CALM)), character_of(played(DANCE))

    assert glad.valence.value > sad.valence.value + 0.3
    assert max(sad.valence.confidence, glad.valence.confidence) <= 0.35


def test_nobody_dances_to_noise_or_to_a_tone() -> None:
    noise = np.random.default_rng(5).uniform(-0.3, 0.3, (10 * SAMPLE_RATE, 2)).astype(np.float32)
    tone = 0.5 * np.sin(2.0 * np.pi * 440.0 * np.arange(10 * SAMPLE_RATE) / SAMPLE_RATE)

    assert character_of(noise).danceability.value < 0.1
    assert character_of(np.stack([tone, tone], axis=1).astype(np.float32)).danceability.value < 0.1


@pytest.mark.parametrize("seconds", [0.01, 0.5, 8.0])
def test_values_and_confidences_lie_between_0_and_1_at_any_length(seconds: float) -> None:
    for estimate in estimates(character_of(played(DANCE)[: round(seconds * SAMPLE_RATE)])).values():
        assert 0.0 <= estimate.value <= 1.0
        assert 0.0 <= estimate.confidence < 1.0


def test_of_silence_nothing_is_claimed() -> None:
    nothing = Estimate(0.0, 0.0)

    assert character_of(np.zeros((5 * SAMPLE_RATE, 2), np.float32)) == Character(nothing, nothing, nothing, nothing)


def test_the_fluctuation_of_noise_and_of_its_sum_have_the_exponents_of_theory() -> None:
    # white noise has 1/2, a random walk 3/2 (Peng and others, Mosaic Organization of DNA Nucleotides, 1994)
    noise = np.random.default_rng(3).standard_normal(60_000)

    assert fluctuation_exponent(noise) == pytest.approx(0.5, abs=0.05)
    assert fluctuation_exponent(np.cumsum(noise)) == pytest.approx(1.5, abs=0.1)


def test_a_steady_pulse_strays_less_than_noise() -> None:
    pulse = np.zeros(6_000)
    pulse[::50] = 1.0

    assert fluctuation_exponent(pulse) < 0.3
