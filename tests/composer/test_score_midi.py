"""Standard MIDI files, read back with mido."""

import io
from dataclasses import replace

import mido
import pytest

from triton_models.composer.brief import Brief
from triton_models.composer.composer import compose
from triton_models.score.midi import TICKS_PER_BEAT, MidiError, to_midi
from triton_models.score.model import Key, Score, Track


def read(content: bytes) -> mido.MidiFile:
    return mido.MidiFile(file=io.BytesIO(content), charset="utf-8")


def first(track: mido.MidiTrack, kind: str) -> mido.Message | mido.MetaMessage:
    return next(message for message in track if message.type == kind)


def sounded(track: mido.MidiTrack) -> list[tuple[int, int, int, int]]:
    """Start tick, length, key and velocity of every note, in order of start and key."""
    now = 0
    open_notes: dict[int, tuple[int, int]] = {}
    found: list[tuple[int, int, int, int]] = []
    for message in track:
        now += message.time
        if message.type == "note_on":
            assert message.note not in open_notes, "a note was struck again before it ended"
            open_notes[message.note] = (now, message.velocity)
        elif message.type == "note_off":
            start, velocity = open_notes.pop(message.note)
            found.append((start, now - start, message.note, velocity))
    assert not open_notes
    return sorted(found)


def written(track: Track) -> list[tuple[int, int, int, int]]:
    return sorted(
        (
            round(note.start * TICKS_PER_BEAT),
            max(1, round(note.end * TICKS_PER_BEAT) - round(note.start * TICKS_PER_BEAT)),
            note.pitch,
            note.velocity,
        )
        for note in track.notes
    )


@pytest.fixture(scope="module")
def score() -> Score:
    return compose(
        Brief(
            "pop", 30.0, 3, bpm=97.0, key=Key("Bb", "minor"), meter="6/8", instruments=("violin", "drums"), title="Nähe"
        )
    )


def test_tempo_meter_key_and_title_are_in_the_first_track(score: Score) -> None:
    file = read(to_midi(score))
    conductor = file.tracks[0]

    assert (file.type, file.ticks_per_beat) == (1, TICKS_PER_BEAT)
    assert first(conductor, "track_name").name == "Nähe"
    assert mido.tempo2bpm(first(conductor, "set_tempo").tempo) == pytest.approx(145.5, abs=1e-3)
    meter = first(conductor, "time_signature")
    assert (meter.numerator, meter.denominator) == (6, 8)
    assert first(conductor, "key_signature").key == "Bbm"
    assert [message.text for message in conductor if message.type == "marker"] == [s.name for s in score.sections]


def test_every_note_comes_back(score: Score) -> None:
    file = read(to_midi(score))

    assert [sounded(track) for track in file.tracks[1:]] == [written(track) for track in score.tracks]


def test_parts_have_name_program_and_mix(score: Score) -> None:
    file = read(to_midi(score))

    for part, track in zip(score.tracks, file.tracks[1:], strict=True):
        controls = {m.control: m.value for m in track if m.type == "control_change"}
        assert first(track, "track_name").name == part.name
        assert first(track, "program_change").program == part.program
        assert controls == {
            7: round(part.volume * 127),
            10: round((part.pan + 1) / 2 * 127),
            91: round(part.reverb * 127),
        }


def test_drums_alone_use_channel_ten(score: Score) -> None:
    file = read(to_midi(score))

    for part, track in zip(score.tracks, file.tracks[1:], strict=True):
        channels = {message.channel for message in track if message.type == "note_on"}
        assert (channels == {9}) is part.is_drum


def test_melodic_parts_have_channels_of_their_own(score: Score) -> None:
    file = read(to_midi(score))
    channels = [first(track, "program_change").channel for track in file.tracks[1:]]
    melodic = [channel for channel in channels if channel != 9]

    assert len(set(melodic)) == len(melodic)


def test_sixteen_melodic_tracks_are_refused(score: Score) -> None:
    template = next(track for track in score.tracks if not track.is_drum)
    crowded = replace(score, tracks=tuple(replace(template, id=f"part-{n}") for n in range(16)))

    with pytest.raises(MidiError, match="at most 15 melodic tracks, not 16"):
        to_midi(crowded)


def test_fifteen_melodic_tracks_and_drums_are_written(score: Score) -> None:
    template = next(track for track in score.tracks if not track.is_drum)
    drums = next(track for track in score.tracks if track.is_drum)
    full = replace(score, tracks=(*(replace(template, id=f"part-{n}") for n in range(15)), drums))

    assert len(read(to_midi(full)).tracks) == 17


def test_two_drummers_share_the_first_ones_kit() -> None:
    score = compose(Brief("house", 10.0, 3, instruments=("drums", "percussion")))

    programs = [first(track, "program_change").program for track in read(to_midi(score)).tracks[-2:]]

    assert [track.program for track in score.tracks[-2:]] == [24, 0]
    assert programs == [24, 24]
