"""From beats to frames."""

from tests.renderer.scores import make_track
from triton_models.renderer.schedule import NoteEvent, beats_to_frames, schedule_track
from triton_models.score.model import TempoChange

STEADY = (TempoChange(0.0, 120.0),)


def test_beats_follow_every_tempo_change() -> None:
    tempo_map = (TempoChange(0.0, 120.0), TempoChange(4.0, 60.0), TempoChange(6.0, 30.0))

    frames = beats_to_frames([0.0, 2.0, 4.0, 5.0, 6.0, 7.0], tempo_map)

    assert frames.tolist() == [0, 44_100, 88_200, 132_300, 176_400, 264_600]


def test_a_repeated_note_is_released_before_it_is_struck_again() -> None:
    track = make_track(notes=[(0.0, 1.0, 60, 80), (1.0, 1.0, 60, 90)])

    events = schedule_track(track, STEADY, 100_000)

    assert events == [
        NoteEvent(0, True, 60, 80),
        NoteEvent(22_050, False, 60, 0),
        NoteEvent(22_050, True, 60, 90),
        NoteEvent(44_100, False, 60, 0),
    ]


def test_notes_after_the_end_are_left_out_and_tiny_notes_still_sound() -> None:
    track = make_track(notes=[(0.0, 0.0001, 60, 80), (2.0, 1.0, 62, 80)])

    events = schedule_track(track, STEADY, 44_100)

    assert events == [NoteEvent(0, True, 60, 80), NoteEvent(64, False, 60, 0)]


def test_a_track_without_notes_has_no_events() -> None:
    assert schedule_track(make_track(notes=[]), STEADY, 44_100) == []
