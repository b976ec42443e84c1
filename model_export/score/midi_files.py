"""Standard MIDI files to pieces, read by symusic: cleaning, and guesses of key and roles, which files do not tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from symusic import Score

from model_export.score import keys
from triton_models.score.model import MODES, Mode, Role
from triton_models.score_language.documents import Unusable, bar_count, bars_of
from triton_models.score_language.music import METERS, MOST_TRACKS, Meter, Piece, Section, Track, shift_of
from triton_models.score_language.quantising import Played, quantise

SUFFIXES: Final = (".mid", ".midi")
_TEMPI: Final = (30.0, 320.0)
_FEWEST_NOTES: Final = 32
_FEWEST_BARS: Final = 4
_MOST_BARS: Final = 1000
_BASS_PROGRAMS: Final = range(32, 40)
_BASS_PITCH: Final = 50.0
_CHORDAL: Final = 1.5  # notes that begin together, on average, in an accompaniment


@dataclass(frozen=True, slots=True)
class _Source:
    """One instrument of the file with its notes in beats from the start of the stretch that is kept."""

    program: int
    is_drum: bool
    notes: tuple[Played, ...]


def read(path: Path, *, drums_alone: bool = False) -> Piece:
    """The longest stretch of a file in one meter, its instruments merged by program, the busiest eight of them.

    Raises Unusable, with the reason, for a broken file, one with hardly any notes, an absurd tempo or length, a meter
    that is not known, and, unless `drums_alone`, for drums without anything else.
    """
    score = _open(path)
    start, end, meter = _longest_stretch(score)
    sources = _sources(score, start, end)
    if sum(len(source.notes) for source in sources) < _FEWEST_NOTES:
        raise Unusable("has hardly any notes")
    if not drums_alone and all(source.is_drum for source in sources):
        raise Unusable("has nothing but drums")
    count = bar_count([source.notes for source in sources], meter)
    if not _FEWEST_BARS <= count <= _MOST_BARS:
        raise Unusable(f"lasts {count} bars")
    tonic, mode = _key(score, sources)
    tracks = _tracks(sources)
    parts = [
        quantise(source.notes, track, meter.positions, count, shift_of(tonic))
        for source, track in zip(sources, tracks, strict=True)
    ]
    return Piece(
        genre=None,
        mood=None,
        text="",
        qpm=_tempo(score, start, end),
        tonic=tonic,
        mode=mode,
        meter=meter,
        tracks=tracks,
        sections=(Section("", count),),
        bars=bars_of(parts, [()] * count),
    )


def _open(path: Path) -> Any:
    """symusic's score in quarter notes."""
    try:
        return Score(path, ttype="quarter")
    except Exception as error:  # symusic tells of broken files by many types, RuntimeError and ValueError among them
        raise Unusable(f"cannot be read: {error}") from error


def _longest_stretch(score: Any) -> tuple[float, float, Meter]:
    """From where to where, in quarter notes, the meter is the same for longest; without any it is 4/4."""
    end = float(score.end())
    changes = [(float(change.time), Meter(change.numerator, change.denominator)) for change in score.time_signatures]
    if not changes or changes[0][0] > 0:
        changes.insert(0, (0.0, Meter(4, 4)))
    merged = [change for index, change in enumerate(changes) if index == 0 or change[1] != changes[index - 1][1]]
    stops = [*(start for start, _ in merged), end][1:]
    start, meter, stop = max(
        ((start, meter, stop) for (start, meter), stop in zip(merged, stops, strict=True)),
        key=lambda stretch: stretch[2] - stretch[0],
    )
    if meter not in METERS:
        raise Unusable(f"has the meter {meter}")
    return start, stop, meter


def _sources(score: Any, start: float, end: float) -> list[_Source]:
    """Instruments by program, those with most notes first."""
    merged: dict[tuple[int, bool], list[Played]] = {}
    for track in score.tracks:
        notes = merged.setdefault((0 if track.is_drum else int(track.program), bool(track.is_drum)), [])
        notes.extend(
            Played(float(note.time) - start, float(note.duration), int(note.pitch), int(note.velocity))
            for note in track.notes
            if start <= note.time < end and note.duration > 0 and note.velocity > 0
        )
    found = [_Source(program, is_drum, tuple(sorted(notes))) for (program, is_drum), notes in merged.items() if notes]
    found.sort(key=lambda source: (-len(source.notes), source.program))
    return found[:MOST_TRACKS]


def _tempo(score: Any, start: float, end: float) -> float:
    """The tempo that holds for most of the stretch; raises Unusable when nobody could play it."""
    marks = [(float(change.time), float(change.qpm)) for change in score.tempos]
    if not marks or marks[0][0] > start:
        marks.insert(0, (start, 120.0))
    stops = [*(time for time, _ in marks), end][1:]
    held: dict[float, float] = {}
    for (time, qpm), stop in zip(marks, stops, strict=True):
        held[round(qpm, 3)] = held.get(round(qpm, 3), 0.0) + max(0.0, min(stop, end) - max(time, start))
    qpm = max(held, key=lambda tempo: held[tempo])
    if not _TEMPI[0] <= qpm <= _TEMPI[1]:
        raise Unusable(f"has {qpm:g} quarter notes a minute")
    return qpm


def _key(score: Any, sources: Sequence[_Source]) -> tuple[int, Mode]:
    """The key of the file where it names exactly one, otherwise the one that its notes speak for."""
    named = {(int(mark.key), int(mark.tonality)) for mark in score.key_signatures}
    if len(named) == 1:
        fifths, minor = named.pop()
        return (7 * fifths + (9 if minor else 0)) % 12, MODES[minor]
    weights = np.zeros(12)
    for source in sources:
        if not source.is_drum:
            for note in source.notes:
                weights[note.pitch % 12] += note.duration
    return keys.find_key(weights)


def _tracks(sources: Sequence[_Source]) -> tuple[Track, ...]:
    """Drums, the bass, accompaniments, and of the single voices the highest as melody."""
    roles = [_role(source) for source in sources]
    voices = [index for index, role in enumerate(roles) if role == "counter"]
    if voices:
        roles[max(voices, key=lambda index: _mean_pitch(sources[index]))] = "melody"
    return tuple(Track(role, source.program, source.is_drum) for role, source in zip(roles, sources, strict=True))


def _role(source: _Source) -> Role:
    if source.is_drum:
        return "drums"
    if source.program in _BASS_PROGRAMS or _mean_pitch(source) < _BASS_PITCH:
        return "bass"
    onsets = len({round(note.start, 2) for note in source.notes})
    return "chords" if len(source.notes) >= _CHORDAL * onsets else "counter"


def _mean_pitch(source: _Source) -> float:
    return float(np.mean([note.pitch for note in source.notes]))
