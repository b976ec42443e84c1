"""Scores to pieces and back: what is played moves onto the grid, and the grid is played as it is written."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from triton_models.score import model as score_model
from triton_models.score.balance import VOLUMES, place_of, reverb_of
from triton_models.score.model import DRUM_BANK, Key, MeterChange, Score, TempoChange
from triton_models.score_language import chord_symbols
from triton_models.score_language.grid import PER_QUARTER
from triton_models.score_language.music import (
    METERS,
    MOST_TRACKS,
    Bar,
    Chord,
    Meter,
    Part,
    Piece,
    Section,
    Track,
    section_starts,
    shift_of,
)
from triton_models.score_language.quantising import Played, perform, quantise

USUAL_ROOM: Final = 0.25  # reverb of a piece of no particular style


class Unusable(ValueError):
    """A piece that the model cannot read; the text says why."""


def read(score: Score, text: str = "") -> Piece:
    """A piece with every note on the grid, of the first eight tracks that have notes.

    Raises Unusable for a meter that is not one of METERS or changes, for a changing tempo, and for no notes at all.
    """
    meter, qpm = _one_meter(score), _one_tempo(score)
    tonic = score.key.pitch_class
    rows = [row for row in score.tracks if row.notes][:MOST_TRACKS]
    if not rows:
        raise Unusable("has no notes")
    tracks = tuple(Track(row.role, row.program, row.is_drum) for row in rows)
    played = [[Played(note.start, note.duration, note.pitch, note.velocity) for note in row.notes] for row in rows]
    count = bar_count(played, meter)
    shift = shift_of(tonic)
    parts = [quantise(notes, track, meter.positions, count, shift) for notes, track in zip(played, tracks, strict=True)]
    return Piece(
        genre=score.genre or None,
        mood=score.mood or None,
        text=text,
        qpm=qpm,
        tonic=tonic,
        mode=score.key.mode,
        meter=meter,
        tracks=tracks,
        sections=_sections(score.sections, meter, count),
        bars=bars_of(parts, _chords(score.chords, meter, count, tonic)),
    )


def write(piece: Piece, title: str, seed: int, room: float = USUAL_ROOM) -> Score:
    """The score of a piece, played exactly as it is written; levels and places follow from the roles."""
    bar = piece.meter.positions
    rows = [_notes(piece, index) for index in range(len(piece.tracks))]
    end = max([len(piece.bars) * bar / PER_QUARTER, *(note.end for row in rows for note in row)])
    ends = [*(start * bar / PER_QUARTER for start in section_starts(piece.sections)), end]
    variants = Counter[str]()
    tracks = []
    for index, (track, notes) in enumerate(zip(piece.tracks, rows, strict=True)):
        tracks.append(track_of(track, index, variants[track.role], notes, room))
        variants[track.role] += 1
    return Score(
        title=title,
        genre=piece.genre or "",
        mood=piece.mood or "",
        seed=seed,
        key=Key(chord_symbols.tonic_name(piece.tonic), piece.mode),
        tempo_map=(TempoChange(0.0, piece.qpm),),
        meter_map=(MeterChange(0.0, piece.meter.numerator, piece.meter.denominator),),
        sections=tuple(
            score_model.Section(section.name, start, stop)
            for section, (start, stop) in zip(piece.sections, pairwise(ends), strict=True)
        ),
        chords=_chord_rows(piece, end),
        tracks=tuple(tracks),
        duration_beats=end,
    )


def track_of(
    track: Track, index: int, variant: int, notes: tuple[score_model.Note, ...], room: float
) -> score_model.Track:
    """The score's track at place `index`; `variant` counts those of its role from 0."""
    return score_model.Track(
        id=f"{track.role}-{index + 1}",
        name=f"{track.role} {index + 1}",
        role=track.role,
        bank=DRUM_BANK if track.is_drum else 0,
        program=track.program,
        is_drum=track.is_drum,
        volume=VOLUMES[track.role],
        pan=place_of(track.role, variant),
        reverb=reverb_of(track.role, room),
        notes=notes,
    )


def bar_count(tracks: Sequence[Sequence[Played]], meter: Meter) -> int:
    """Bars up to the last one in which a note begins."""
    last = max(note.start for notes in tracks for note in notes)
    return int((last * PER_QUARTER + 0.5) // meter.positions) + 1


def bars_of(parts: Sequence[Sequence[Part | None]], chords: Sequence[tuple[Chord, ...]]) -> tuple[Bar, ...]:
    """Bars from the parts of each track, shape [tracks][bars], and the chords of each bar."""
    return tuple(Bar(row, tuple(track[index] for track in parts)) for index, row in enumerate(chords))


def _one_meter(score: Score) -> Meter:
    changes = [Meter(change.numerator, change.denominator) for change in score.meter_map]
    if len(set(changes)) != 1 or changes[0] not in METERS:
        raise Unusable(f"has the meters {', '.join(map(str, changes))}")
    return changes[0]


def _one_tempo(score: Score) -> float:
    tempi = {change.qpm for change in score.tempo_map}
    if len(tempi) != 1:
        raise Unusable("changes its tempo")
    return tempi.pop()


def _sections(rows: Sequence[score_model.Section], meter: Meter, count: int) -> tuple[Section, ...]:
    """Whole bars; a section that begins after the last note is left out, bars without any section are one."""
    starts = [round(row.start * PER_QUARTER / meter.positions) for row in rows]
    named = [(row.name, start) for row, start in zip(rows, starts, strict=True) if start < count]
    edges = [*(start for _, start in named), count]
    sections = [Section(name, stop - start) for (name, start), stop in zip(named, edges[1:], strict=True)]
    return tuple(section for section in sections if section.bars > 0) or (Section("", count),)


def _chords(rows: Sequence[score_model.Chord], meter: Meter, count: int, tonic: int) -> list[tuple[Chord, ...]]:
    """By bar; a symbol that names no chord is left out, and of two at one place the later one holds."""
    bars: list[dict[int, Chord]] = [{} for _ in range(count)]
    for row in rows:
        chord = chord_symbols.read(row.symbol)
        index, position = divmod(round(row.start * PER_QUARTER), meter.positions)
        if chord is not None and index < count:
            bars[index][position] = Chord(position, (chord[0] - tonic) % 12, chord[1])
    return [tuple(bar[position] for position in sorted(bar)) for bar in bars]


def _notes(piece: Piece, index: int) -> tuple[score_model.Note, ...]:
    parts = [bar.parts[index] for bar in piece.bars]
    played = perform(parts, piece.tracks[index], piece.meter.positions, shift_of(piece.tonic))
    return tuple(score_model.Note(*note) for note in played)


def _chord_rows(piece: Piece, end: float) -> tuple[score_model.Chord, ...]:
    bar = piece.meter.positions
    timed = [
        ((index * bar + chord.position) / PER_QUARTER, chord_symbols.spell(chord.root, chord.quality, piece.tonic))
        for index, row in enumerate(piece.bars)
        for chord in row.chords
    ]
    stops = [*(start for start, _ in timed), end][1:]
    return tuple(
        score_model.Chord(start, stop - start, symbol) for (start, symbol), stop in zip(timed, stops, strict=True)
    )
