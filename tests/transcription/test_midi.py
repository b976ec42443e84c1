"""The MIDI file of a transcription, read by a reader that is not ours."""

import io

import mido
import pytest

from domain.kit.audio.notes import Note
from domain.transcription.midi import standard_midi_file

NOTES = (Note(0.0, 0.5, 60, 1.0), Note(0.25, 130.0, 21, 0.001), Note(0.5, 0.5, 60, 0.5), Note(0.5, 1.0, 108, 0.72))


def played(file: mido.MidiFile) -> list[tuple[int, float, float, int]]:
    """Pitch, start, end and velocity of each note."""
    now, open_notes, found = 0.0, {}, []
    for message in file:
        now += message.time
        if message.type == "note_on":
            open_notes[message.note] = (now, message.velocity)
        elif message.type == "note_off":
            start, velocity = open_notes.pop(message.note)
            found.append((message.note, start, now, velocity))
    assert open_notes == {}
    return sorted(found, key=lambda each: each[1])


@pytest.mark.parametrize("bpm", [0.0, 82.0, 240.0])
def test_notes_sound_when_they_were_heard(bpm: float) -> None:
    file = mido.MidiFile(file=io.BytesIO(standard_midi_file("Grüße", NOTES, bpm)))
    assert (file.type, len(file.tracks), file.ticks_per_beat) == (0, 1, 480)
    tempo = next(message.tempo for message in file.tracks[0] if message.type == "set_tempo")
    assert mido.tempo2bpm(tempo) == pytest.approx(bpm or 120.0, abs=0.01)
    tick = tempo / 480e6
    for note, (pitch, start, end, velocity) in zip(NOTES, played(file), strict=True):
        assert (pitch, velocity) == (note.pitch, max(1, round(127 * note.confidence)))
        assert start == pytest.approx(note.start_seconds, abs=tick)
        assert end == pytest.approx(max(note.end_seconds, note.start_seconds + tick), abs=tick)


def test_a_file_without_notes_is_whole() -> None:
    file = mido.MidiFile(file=io.BytesIO(standard_midi_file("", (), 120.0)))
    assert played(file) == []
