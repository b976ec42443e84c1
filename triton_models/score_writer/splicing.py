"""A score in which some bars are new: what is between them stays note for note, and the joins are clean."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from triton_models.composer.humanise import SHORTEST
from triton_models.score.model import Chord, Note, Score, Section, Track
from triton_models.score_language import chord_symbols, grid
from triton_models.score_language.grid import PER_QUARTER
from triton_models.score_language.music import MOST_TRACKS, Piece, section_starts, shift_of
from triton_models.score_language.quantising import perform
from triton_models.score_writer.performing import play

_AT_ONCE: Final = 1e-6  # beats within which two chords count as beginning together


@dataclass(frozen=True, slots=True)
class Cut:
    """Which bars of `piece` are new; the others are those of the score. `end` is where the last sound stops."""

    piece: Piece
    fresh: frozenset[int]
    seed: int
    end: float

    @property
    def quarters(self) -> float:
        """Quarter-note beats in a bar."""
        return self.piece.meter.positions / PER_QUARTER

    def end_of_run(self, bar: int) -> float:
        """Where the new bars end that this new bar is among; the end of the piece behind the last bar."""
        while bar in self.fresh:
            bar += 1
        return self.end if bar >= len(self.piece.bars) else bar * self.quarters


def voiced(score: Score) -> list[int]:
    """Places of the tracks that the model reads, in the order in which a piece has them."""
    return [index for index, track in enumerate(score.tracks) if track.notes][:MOST_TRACKS]


def splice(score: Score, cut: Cut) -> Score:
    """The score with the notes and the chords of the new bars in place of what was there."""
    tracks = list(score.tracks)
    for column, index in enumerate(voiced(score)):
        tracks[index] = replace(tracks[index], notes=_joined(tracks[index], column, cut))
    return replace(score, tracks=tuple(tracks), chords=_chords(score, cut))


def sections_behind(score: Score, cut: Cut) -> tuple[Section, ...]:
    """The score's sections up to the first new bar, then those of the piece."""
    start = min(cut.fresh) * cut.quarters
    kept = [replace(section, end=min(section.end, start)) for section in score.sections if section.start < start]
    bars = section_starts(cut.piece.sections)
    behind = [
        Section(section.name, bar * cut.quarters, (bar + section.bars) * cut.quarters)
        for section, bar in zip(cut.piece.sections, bars, strict=True)
        if bar in cut.fresh
    ]
    return (*kept, *behind)


def fresh_notes(column: int, part: str, cut: Cut) -> tuple[Note, ...]:
    """What a track of the piece plays in its new bars, each run of which is over before the next kept bar."""
    piece = cut.piece
    parts = [bar.parts[column] if number in cut.fresh else None for number, bar in enumerate(piece.bars)]
    played = [
        note._replace(duration=min(note.duration, cut.end_of_run(_bar(note.start, cut)) - note.start))
        for note in perform(parts, piece.tracks[column], piece.meter.positions, shift_of(piece.tonic))
    ]
    return play(played, piece.tracks[column], piece, cut.seed, part, cut.end)


def _bar(start: float, cut: Cut) -> int:
    return int((start * PER_QUARTER + 0.5) // cut.piece.meter.positions)


def _joined(track: Track, column: int, cut: Cut) -> tuple[Note, ...]:
    """In order of time. One key cannot sound twice at once: at a join a note ends where its pitch begins again."""
    fresh = fresh_notes(column, track.id, cut)
    kept = _kept(track.notes, cut.piece, cut.fresh)
    fresh_starts, kept_starts = _starts(fresh), _starts(kept)
    notes = [*(_until(note, fresh_starts) for note in kept), *(_until(note, kept_starts) for note in fresh)]
    return tuple(sorted((note for note in notes if note.duration >= SHORTEST), key=_order))


def _kept(notes: Sequence[Note], piece: Piece, fresh: Collection[int]) -> list[Note]:
    """Notes of the bars that are not new; a performed note belongs to the bar that it is quantised to."""
    if not notes:
        return []
    places = grid.positions(np.array([note.start for note in notes])) // piece.meter.positions
    return [note for note, bar in zip(notes, places.tolist(), strict=True) if bar not in fresh]


def _starts(notes: Iterable[Note]) -> dict[int, list[float]]:
    """By pitch, ascending."""
    starts: dict[int, list[float]] = {}
    for note in notes:
        starts.setdefault(note.pitch, []).append(note.start)
    return starts


def _until(note: Note, starts: Mapping[int, list[float]]) -> Note:
    row = starts.get(note.pitch, [])
    place = bisect_left(row, note.start)
    if place == len(row) or row[place] >= note.end:
        return note
    return replace(note, duration=row[place] - note.start)


def _order(note: Note) -> tuple[float, int]:
    return note.start, note.pitch


def _chords(score: Score, cut: Cut) -> tuple[Chord, ...]:
    """Kept chords, new ones, and, where a run of new bars ends within a kept chord, that chord again."""
    names = {
        number * cut.quarters + chord.position / PER_QUARTER: chord_symbols.spell(
            chord.root, chord.quality, cut.piece.tonic
        )
        for number in cut.fresh
        for chord in cut.piece.bars[number].chords
    }
    for bar in sorted(cut.fresh):
        end = (bar + 1) * cut.quarters
        sounding = [chord for chord in score.chords if chord.start <= end < chord.start + chord.duration]
        if bar + 1 not in cut.fresh and sounding:
            names[end] = sounding[-1].symbol
    kept = {chord.start: chord.symbol for chord in score.chords if _bar(chord.start, cut) not in cut.fresh}
    merged = {start: name for start, name in names.items() if all(abs(start - other) > _AT_ONCE for other in kept)}
    rows = sorted((merged | kept).items())
    stops = [*(start for start, _ in rows[1:]), max(cut.end, score.duration_beats)]
    return tuple(Chord(start, stop - start, name) for (start, name), stop in zip(rows, stops, strict=True))
