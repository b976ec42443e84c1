"""Notes traced in likelihoods that were written by hand."""

from collections.abc import Sequence

import numpy as np
import pytest

from domain.kit.audio.note_model import LOWEST_PITCH, PITCHES, Likelihood
from domain.kit.audio.notes import Note
from domain.transcription.tracing import AHEAD, BLOCK, NoteTracer
from domain.transcription.windows import seconds_of


class Roll:
    """Likelihoods of so many frames, filled note by note."""

    def __init__(self, frames: int) -> None:
        self.onsets: Likelihood = np.zeros((frames, PITCHES), dtype=np.float32)
        self.notes: Likelihood = np.zeros((frames, PITCHES), dtype=np.float32)

    def play(self, pitch: int, start: int, end: int, likelihood: float = 0.8, onset: float = 0.9) -> "Roll":
        self.notes[start:end, pitch - LOWEST_PITCH] = likelihood
        self.onsets[start, pitch - LOWEST_PITCH] = onset
        return self

    def traced(self, size: int = 568) -> Sequence[Note]:
        tracer = NoteTracer()
        for at in range(0, len(self.notes), size):
            tracer.push(self.onsets[at : at + size], self.notes[at : at + size])
        return tracer.finish()


def spans(notes: Sequence[Note]) -> list[tuple[int, float, float]]:
    return [(note.pitch, note.start_seconds, note.end_seconds) for note in notes]


def expected(*notes: tuple[int, int, int]) -> list[tuple[int, float, float]]:
    return [(pitch, round(seconds_of(start), 3), round(seconds_of(end), 3)) for pitch, start, end in notes]


def test_an_onset_begins_a_note_and_silence_ends_it() -> None:
    (note,) = Roll(300).play(60, 50, 90).traced()
    assert spans([note]) == expected((60, 50, 90))
    assert note.confidence == pytest.approx(0.8)


def test_the_first_and_the_last_frames_count() -> None:
    assert spans(Roll(100).play(60, 0, 100).traced()) == expected((60, 0, 100))


def test_a_pitch_that_is_struck_again_is_two_notes() -> None:
    found = Roll(300).play(60, 50, 150).play(60, 100, 150).traced()
    assert spans(found) == expected((60, 50, 100), (60, 100, 150))


def test_a_pitch_that_sounds_to_the_end_and_before_is_two_notes() -> None:
    roll = Roll(300).play(60, 50, 100, onset=0.0).play(60, 200, 300)
    assert spans(roll.traced()) == expected((60, 50, 100), (60, 200, 300))


def test_a_short_dip_does_not_end_a_note() -> None:
    roll = Roll(300).play(60, 50, 150)
    roll.notes[80:90] = 0.1
    assert spans(roll.traced()) == expected((60, 50, 150))
    roll.notes[80:91] = 0.1
    # what begins again without being struck is a note, too, because it is likely
    assert spans(roll.traced()) == expected((60, 50, 80), (60, 91, 150))


def test_what_is_too_short_or_too_unlikely_is_no_note() -> None:
    assert spans(Roll(300).play(60, 50, 61).traced()) == []
    assert spans(Roll(300).play(60, 50, 62).traced()) == expected((60, 50, 62))
    assert spans(Roll(300).play(60, 50, 90, likelihood=0.29).traced()) == []
    assert spans(Roll(300).play(60, 50, 90, likelihood=0.45, onset=0.59).traced()) == []
    assert spans(Roll(300).play(60, 50, 90, likelihood=0.45, onset=0.6).traced()) == expected((60, 50, 90))


def test_what_is_likely_needs_no_onset() -> None:
    assert spans(Roll(300).play(60, 50, 90, onset=0.0).traced()) == expected((60, 50, 90))


def test_a_note_takes_the_semitones_beside_it_and_leaves_the_others() -> None:
    roll = Roll(300).play(60, 50, 90)
    for pitch in (58, 59, 61, 62):
        roll.play(pitch, 50, 90, likelihood=0.6, onset=0.0)
    assert spans(roll.traced()) == expected((58, 50, 90), (60, 50, 90), (62, 50, 90))


@pytest.mark.parametrize("size", [1, 97, 568, 10_000])
def test_blocks_and_pieces_leave_no_seam(size: int) -> None:
    # given notes before, at and across the places where blocks end, and one that outlasts them all
    frames = 3 * BLOCK
    roll = Roll(frames).play(40, 100, frames - 50)
    for start in (BLOCK - 30, BLOCK - 1, BLOCK, BLOCK + 1, BLOCK + AHEAD - 20, 2 * BLOCK - 5):
        roll.play(60 + 2 * (start % 17), start, start + 40)
    found = roll.traced(size)
    # then every one of them is there once and whole
    assert spans(found) == expected(
        (40, 100, frames - 50),
        *sorted(
            (
                (60 + 2 * (start % 17), start, start + 40)
                for start in (BLOCK - 30, BLOCK - 1, BLOCK, BLOCK + 1, BLOCK + AHEAD - 20, 2 * BLOCK - 5)
            ),
            key=lambda note: (note[1], note[0]),
        ),
    )
    assert found[0].confidence == pytest.approx(0.8)


def test_nothing_has_no_notes() -> None:
    assert list(NoteTracer().finish()) == []
