"""Keys and the tempo map of a Score."""

import pytest

from triton_models.score.model import Key, MeterChange, Mode, Score, TempoChange


def a_score(*tempos: TempoChange) -> Score:
    return Score(
        title="",
        genre="pop",
        mood="calm",
        seed=0,
        key=Key("C", "major"),
        tempo_map=tempos,
        meter_map=(MeterChange(0.0, 4, 4),),
        sections=(),
        chords=(),
        tracks=(),
        duration_beats=16.0,
    )


def test_one_tempo_maps_beats_to_seconds_and_back() -> None:
    score = a_score(TempoChange(0.0, 120.0))

    assert score.seconds_at(8.0) == 4.0
    assert score.beat_at(4.0) == 8.0
    assert score.duration_seconds == 8.0


def test_tempo_changes_add_up() -> None:
    # given 4 beats at 60, 8 beats at 120, then 30
    score = a_score(TempoChange(0.0, 60.0), TempoChange(4.0, 120.0), TempoChange(12.0, 30.0))

    # then the segments last 4 s and 4 s, and each further beat 2 s
    assert score.seconds_at(4.0) == 4.0
    assert score.seconds_at(6.0) == 5.0
    assert score.seconds_at(12.0) == 8.0
    assert score.seconds_at(13.0) == 10.0


@pytest.mark.parametrize("beat", [0.0, 1.5, 4.0, 7.25, 12.0, 15.5, 40.0])
def test_beat_at_inverts_seconds_at(beat: float) -> None:
    score = a_score(TempoChange(0.0, 60.0), TempoChange(4.0, 120.0), TempoChange(12.0, 30.0))

    assert score.beat_at(score.seconds_at(beat)) == pytest.approx(beat)


@pytest.mark.parametrize(
    ("tonic", "pitch_class"), [("C", 0), ("C#", 1), ("Db", 1), ("Cb", 11), ("B#", 0), ("F#", 6), ("Bb", 10)]
)
def test_tonic_spelling_gives_the_pitch_class(tonic: str, pitch_class: int) -> None:
    assert Key(tonic, "major").pitch_class == pitch_class


@pytest.mark.parametrize(
    ("mode", "minor"), [("major", False), ("lydian", False), ("mixolydian", False), ("minor", True), ("dorian", True)]
)
def test_the_third_decides_whether_a_key_is_minor(mode: Mode, minor: bool) -> None:
    assert Key("D", mode).is_minor is minor
