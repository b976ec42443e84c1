"""Scales, chords, voice leading and key clarity."""

import numpy as np
import pytest

from triton_models.composer.theory import chord, nearest_degree, scale_pitch
from triton_models.composer.tonality import clarity, key_correlations
from triton_models.composer.voicing import lead_voices
from triton_models.score.model import Key


@pytest.mark.parametrize(
    ("key", "numeral", "symbol", "pitch_classes"),
    [
        (Key("C", "major"), "I", "C", (0, 4, 7)),
        (Key("C", "major"), "vi", "Am", (9, 0, 4)),
        (Key("C", "major"), "iv", "Fm", (5, 8, 0)),
        (Key("C", "major"), "bVII", "Bb", (10, 2, 5)),
        (Key("A", "minor"), "V", "E", (4, 8, 11)),
        (Key("A", "minor"), "v", "Em", (4, 7, 11)),
        (Key("A", "minor"), "ii°", "Bdim", (11, 2, 5)),
        (Key("Eb", "minor"), "VI", "Cb", (11, 3, 6)),
        (Key("F#", "major"), "V", "C#", (1, 5, 8)),
        (Key("D", "phrygian"), "II", "Eb", (3, 7, 10)),
        (Key("C", "lydian"), "II", "D", (2, 6, 9)),
    ],
)
def test_triads(key: Key, numeral: str, symbol: str, pitch_classes: tuple[int, ...]) -> None:
    tones = chord(key, numeral, "triad")

    assert (tones.symbol, tones.pitch_classes) == (symbol, pitch_classes)


@pytest.mark.parametrize(
    ("mode_key", "numeral", "symbol"),
    [
        (Key("C", "major"), "I", "Cmaj7"),
        (Key("C", "major"), "ii", "Dm7"),
        (Key("C", "major"), "V", "G7"),
        (Key("C", "minor"), "V", "G7"),
        (Key("C", "minor"), "ii°", "Dm7b5"),
        (Key("C", "mixolydian"), "I", "C7"),
    ],
)
def test_diatonic_sevenths(mode_key: Key, numeral: str, symbol: str) -> None:
    assert chord(mode_key, numeral, "seventh").symbol == symbol


def test_ninths_and_dominants() -> None:
    assert chord(Key("C", "major"), "ii", "ninth").symbol == "Dm9"
    assert chord(Key("C", "major"), "IV", "dominant").symbol == "F7"
    assert chord(Key("C", "major"), "I7", "triad").symbol == "C7"


def test_a_wrong_numeral_is_refused() -> None:
    with pytest.raises(ValueError, match="not a roman numeral"):
        chord(Key("C", "major"), "H", "triad")


def test_scale_degrees_and_pitches_agree() -> None:
    key = Key("A", "minor")

    assert [scale_pitch(key, degree) for degree in range(35, 43)] == [69, 71, 72, 74, 76, 77, 79, 81]
    assert all(nearest_degree(key, scale_pitch(key, degree)) == degree for degree in range(20, 60))


def test_common_tones_stay_and_the_others_move_by_step() -> None:
    # given C major voiced around middle C
    key = Key("C", "major")
    first = lead_voices(chord(key, "I", "triad"), 3, None, 52, 76)

    # when it moves to A minor, which shares C and E with it
    second = lead_voices(chord(key, "vi", "triad"), 3, first, 52, 76)

    # then two voices stay and one moves by a whole tone
    assert len(set(first) & set(second)) == 2
    assert abs(sum(second) - sum(first)) == 2


def test_voicings_stay_in_register() -> None:
    key = Key("Eb", "major")
    before: tuple[int, ...] | None = None
    for numeral in ("I", "vi", "ii", "V", "iii", "IV", "vii°", "I"):
        before = lead_voices(chord(key, numeral, "seventh"), 4, before, 50, 72)
        assert before[0] >= 50
        assert before[-1] <= 72
        assert len(before) == 4


def test_clarity_is_positive_for_the_key_itself_only() -> None:
    # given the pitch classes of a tonic triad with its scale in passing
    weights = np.array([5, 0, 1, 0, 3, 1, 0, 4, 0, 1, 0, 1], dtype=np.float64)

    assert clarity(weights, Key("C", "major")) > 0.05
    assert clarity(weights, Key("G", "major")) < 0
    assert clarity(weights, Key("A", "minor")) < 0
    assert int(np.argmax(key_correlations(weights))) == 0
