"""The JSON form of a Score, schema cadenza.score/1: writing it and reading it with every field checked."""

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, cast

from triton_models.score.fields import FieldError, Fields
from triton_models.score.model import (
    MODES,
    ROLES,
    TONICS,
    Chord,
    Key,
    MeterChange,
    Mode,
    Note,
    Role,
    Score,
    Section,
    TempoChange,
    Track,
)

SCHEMA: Final = "cadenza.score/1"
_LATEST_BEAT: Final = 1_000_000.0
_MOST_NOTES: Final = 1_000_000
_MOST_TRACKS: Final = 64
_MOST_MARKS: Final = 100_000
_TOLERANCE: Final = 1e-3
_DENOMINATORS: Final = (1, 2, 4, 8, 16, 32)


class ScoreError(FieldError):
    """A score document is not a valid cadenza.score/1."""


def to_json(score: Score) -> str:
    """Write a score as compact JSON; equal scores give equal text."""
    document = {
        "schema": SCHEMA,
        "title": score.title,
        "genre": score.genre,
        "mood": score.mood,
        "seed": score.seed,
        "key": {"tonic": score.key.tonic, "mode": score.key.mode},
        "tempo_map": [{"beat": c.beat, "qpm": c.qpm} for c in score.tempo_map],
        "meter_map": [
            {"beat": c.beat, "numerator": c.numerator, "denominator": c.denominator} for c in score.meter_map
        ],
        "sections": [{"name": s.name, "start": s.start, "end": s.end} for s in score.sections],
        "chords": [{"start": c.start, "duration": c.duration, "symbol": c.symbol} for c in score.chords],
        "tracks": [_track_document(track) for track in score.tracks],
        "duration_beats": score.duration_beats,
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _track_document(track: Track) -> dict[str, object]:
    return {
        "id": track.id,
        "name": track.name,
        "role": track.role,
        "bank": track.bank,
        "program": track.program,
        "is_drum": track.is_drum,
        "volume": track.volume,
        "pan": track.pan,
        "reverb": track.reverb,
        "notes": [[n.start, n.duration, n.pitch, n.velocity] for n in track.notes],
    }


def from_json(text: str | bytes) -> Score:
    """Read a score document; fields that the schema does not know are ignored.

    Raises ScoreError that names the first wrong field.
    """
    return read_score(Fields.parse(text, ScoreError))


def from_row(row: object) -> Score:
    """Read a score from parsed JSON; raises ScoreError as well."""
    return read_score(Fields(row, "", ScoreError))


def read_score(fields: Fields) -> Score:
    """Read a score that may be part of another document; raises the error type of `fields`."""
    fields.text("schema", choices=(SCHEMA,))
    duration = fields.number("duration_beats", _TOLERANCE, _LATEST_BEAT)
    return Score(
        title=fields.text("title"),
        genre=fields.text("genre"),
        mood=fields.text("mood"),
        seed=fields.integer("seed", 0, 2**63 - 1),
        key=read_key(fields.child("key")),
        tempo_map=_read_tempo_map(fields),
        meter_map=_read_meter_map(fields),
        sections=_read_sections(fields, duration),
        chords=_read_chords(fields, duration),
        tracks=_read_tracks(fields, duration),
        duration_beats=duration,
    )


def read_key(fields: Fields) -> Key:
    """Read `{"tonic": …, "mode": …}`; raises the error type of `fields`."""
    return Key(fields.text("tonic", choices=TONICS), cast(Mode, fields.text("mode", choices=MODES)))


def _read_tempo_map(fields: Fields) -> tuple[TempoChange, ...]:
    changes = tuple(
        TempoChange(row.number("beat", 0, _LATEST_BEAT), row.number("qpm", 5, 1000))
        for row in fields.objects("tempo_map", _MOST_MARKS)
    )
    _check_map([change.beat for change in changes], "tempo_map", fields)
    return changes


def _read_meter_map(fields: Fields) -> tuple[MeterChange, ...]:
    changes = tuple(_read_meter(row) for row in fields.objects("meter_map", _MOST_MARKS))
    _check_map([change.beat for change in changes], "meter_map", fields)
    return changes


def _read_meter(row: Fields) -> MeterChange:
    denominator = row.integer("denominator", 1, 32)
    if denominator not in _DENOMINATORS:
        raise row.fail("denominator", "must be a power of two")
    return MeterChange(row.number("beat", 0, _LATEST_BEAT), row.integer("numerator", 1, 64), denominator)


def _check_map(beats: Sequence[float], name: str, fields: Fields) -> None:
    if not beats or beats[0] != 0:
        raise fields.fail(name, "must start with a change at beat 0")
    if any(later <= earlier for earlier, later in pairwise(beats)):
        raise fields.fail(name, "must have ascending beats")


def _read_sections(fields: Fields, duration: float) -> tuple[Section, ...]:
    sections: list[Section] = []
    expected = 0.0
    for row in fields.objects("sections", _MOST_MARKS):
        start, end = row.number("start", 0, duration), row.number("end", 0, duration + _TOLERANCE)
        if abs(start - expected) > _TOLERANCE:
            raise row.fail("start", f"must be {expected:g}, where the section before it ends")
        if end <= start:
            raise row.fail("end", "must be after start")
        sections.append(Section(row.text("name", longest=60), start, end))
        expected = end
    return tuple(sections)


def _read_chords(fields: Fields, duration: float) -> tuple[Chord, ...]:
    chords: list[Chord] = []
    for row in fields.objects("chords", _MOST_MARKS):
        start = row.number("start", 0, duration)
        if chords and start < chords[-1].start:
            raise row.fail("start", "must not be before the chord ahead of it")
        chords.append(Chord(start, row.number("duration", 0, duration), row.text("symbol", longest=40)))
    return tuple(chords)


def _read_tracks(fields: Fields, duration: float) -> tuple[Track, ...]:
    tracks: list[Track] = []
    for row in fields.objects("tracks", _MOST_TRACKS):
        track = _read_track(row, duration)
        if any(track.id == other.id for other in tracks):
            raise row.fail("id", f"is used twice: {track.id!r}")
        tracks.append(track)
    return tuple(tracks)


def _read_track(row: Fields, duration: float) -> Track:
    return Track(
        id=_read_track_id(row),
        name=row.text("name"),
        role=cast(Role, row.text("role", choices=ROLES)),
        bank=row.integer("bank", 0, 128),
        program=row.integer("program", 0, 127),
        is_drum=row.boolean("is_drum"),
        volume=row.number("volume", 0, 1),
        pan=row.number("pan", -1, 1),
        reverb=row.number("reverb", 0, 1),
        notes=_read_notes(row, duration),
    )


def _read_track_id(row: Fields) -> str:
    name = row.text("id", longest=60)
    if not name:
        raise row.fail("id", "must not be empty")
    return name


def _read_notes(row: Fields, duration: float) -> tuple[Note, ...]:
    notes: list[Note] = []
    earliest = 0.0
    for index, value in enumerate(row.items("notes", _MOST_NOTES)):
        note = _read_note(value)
        if note is None:
            raise row.fail(f"notes[{index}]", "must be [start, duration > 0, pitch 0–127, velocity 1–127]")
        if note.start < earliest:
            raise row.fail(f"notes[{index}]", "must not start before the note ahead of it")
        if note.end > duration + _TOLERANCE:
            raise row.fail(f"notes[{index}]", f"must end by duration_beats {duration:g}")
        earliest = note.start
        notes.append(note)
    return tuple(notes)


def _read_note(value: object) -> Note | None:
    """None for anything but a well-formed row; `type(...) is int` keeps booleans out."""
    if not isinstance(value, list) or len(value) != 4:
        return None
    start, duration, pitch, velocity = value
    if type(start) not in (int, float) or type(duration) not in (int, float):
        return None
    if type(pitch) is not int or type(velocity) is not int:
        return None
    in_time = 0 <= start <= _LATEST_BEAT and 0 < duration <= _LATEST_BEAT
    if not (in_time and 0 <= pitch <= 127 and 1 <= velocity <= 127):
        return None
    return Note(float(start), float(duration), pitch, velocity)
