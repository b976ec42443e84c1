"""Export of a Score to a Standard MIDI File, format 1, 960 ticks per quarter note."""

import io
from collections.abc import Iterable
from typing import Final

import mido

from triton_models.score.model import Key, Score, Track

TICKS_PER_BEAT: Final = 960
MELODIC_CHANNELS: Final = tuple(channel for channel in range(16) if channel != 9)
DRUM_CHANNEL: Final = 9

_MAJOR_NAMES: Final = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_NAMES: Final = ("Cm", "C#m", "Dm", "Ebm", "Em", "Fm", "F#m", "Gm", "G#m", "Am", "Bbm", "Bm")
_LONGEST_QUARTER: Final = 16_777_215  # microseconds; the tempo event has 24 bits

Timed = tuple[int, int, mido.Message | mido.MetaMessage]


class MidiError(ValueError):
    """The score needs more than a Standard MIDI File can hold."""


def to_midi(score: Score) -> bytes:
    """Write tempo, meter, key, sections and chords to a first track, then one track per part.

    Drum tracks share channel 10 and so its one kit, that of the first drum track. A modal key is
    written as the major or minor signature of its tonic. Raises MidiError above 15 melodic tracks.
    """
    melodic = [track for track in score.tracks if not track.is_drum]
    if len(melodic) > len(MELODIC_CHANNELS):
        raise MidiError(f"a MIDI file holds at most {len(MELODIC_CHANNELS)} melodic tracks, not {len(melodic)}")
    channels = dict(zip((track.id for track in melodic), MELODIC_CHANNELS, strict=False))
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT, charset="utf-8")
    file.tracks.append(_delta_timed(_conductor_events(score)))
    kit = next((track.program for track in score.tracks if track.is_drum), 0)
    for track in score.tracks:
        channel, program = (DRUM_CHANNEL, kit) if track.is_drum else (channels[track.id], track.program)
        file.tracks.append(_delta_timed(_part_events(track, channel, program)))
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def _ticks(beat: float) -> int:
    return round(beat * TICKS_PER_BEAT)


def _conductor_events(score: Score) -> Iterable[Timed]:
    yield 0, 0, mido.MetaMessage("track_name", name=score.title)
    yield 0, 0, mido.MetaMessage("key_signature", key=_signature(score.key))
    for tempo in score.tempo_map:
        micros = min(_LONGEST_QUARTER, round(60_000_000 / tempo.qpm))
        yield _ticks(tempo.beat), 1, mido.MetaMessage("set_tempo", tempo=micros)
    for meter in score.meter_map:
        yield (
            _ticks(meter.beat),
            1,
            mido.MetaMessage("time_signature", numerator=meter.numerator, denominator=meter.denominator),
        )
    for section in score.sections:
        yield _ticks(section.start), 2, mido.MetaMessage("marker", text=section.name)
    for chord in score.chords:
        yield _ticks(chord.start), 3, mido.MetaMessage("text", text=chord.symbol)
    yield _ticks(score.duration_beats), 9, mido.MetaMessage("end_of_track")


def _signature(key: Key) -> str:
    names = _MINOR_NAMES if key.is_minor else _MAJOR_NAMES
    return names[key.pitch_class]


def _part_events(track: Track, channel: int, program: int) -> Iterable[Timed]:
    yield 0, 0, mido.MetaMessage("track_name", name=track.name)
    yield 0, 1, mido.Message("program_change", channel=channel, program=program)
    for control, value in ((7, track.volume), (10, (track.pan + 1) / 2), (91, track.reverb)):
        yield (
            0,
            1,
            mido.Message("control_change", channel=channel, control=control, value=round(value * 127)),
        )
    for note in track.notes:
        start = _ticks(note.start)
        end = max(start + 1, _ticks(note.end))
        yield start, 5, mido.Message("note_on", channel=channel, note=note.pitch, velocity=note.velocity)
        yield end, 4, mido.Message("note_off", channel=channel, note=note.pitch, velocity=0)


def _delta_timed(events: Iterable[Timed]) -> mido.MidiTrack:
    """Order by tick, ends of notes before their next starts, and write the gaps between events."""
    track = mido.MidiTrack()
    now = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        message.time = tick - now
        now = tick
        track.append(message)
    return track
