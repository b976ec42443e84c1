"""Songs from briefs and edits: the windows they ask for, and the score that they become. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil
from typing import Final

from triton_models.composer.brief import Brief
from triton_models.composer.genres import GENRES
from triton_models.composer.instruments import INSTRUMENTS
from triton_models.composer.randomness import stream
from triton_models.score.model import Role, Score
from triton_models.score_language.conditioning import Wishes
from triton_models.score_language.documents import track_of
from triton_models.score_language.encoding import form_of
from triton_models.score_language.language import Language
from triton_models.score_language.music import Piece, Track, section_starts
from triton_models.score_writer.briefs import bars_of, programs_of, sections_of, timeline_of, wishes_of
from triton_models.score_writer.edits import Edit
from triton_models.score_writer.performing import ended, name_of, perform_song, unused_id
from triton_models.score_writer.splicing import Cut, fresh_notes, sections_behind, splice
from triton_models.score_writer.windows import Song
from triton_models.score_writer.writing import Progress, Writer, first_sections

_PHRASE: Final = 4  # bars of a first occurrence that a variation writes anew together


@dataclass(frozen=True, slots=True)
class Finished:
    """A score, and from where to where, in seconds, it is new."""

    score: Score
    changed: tuple[float, float]


@dataclass(frozen=True)
class Task:
    """A song that waits to be written: its windows, and how far it is."""

    song: Song[Finished]
    progress: Progress


def task_of(brief: Brief, edit: Edit | None, language: Language, context: int, *, text: bool) -> Task:
    """A new song, or an edit of one, for which the brief says genre, mood and seed. Raises BriefError."""
    if edit is None:
        writer = Writer(language, context, wishes_of(brief, text=text))
        return Task(_composed(writer, brief), writer.progress)
    # Meter, key, tempo and instruments are in the plan of what is there already.
    writer = Writer(language, context, Wishes(genre=brief.genre, mood=brief.mood, text=text))
    edited = {"extend": _extended, "repaint": _repainted, "layer": _layered, "vary": _varied}[edit.kind]
    return Task(edited(writer, edit, brief.seed), writer.progress)


def _composed(writer: Writer, brief: Brief) -> Song[Finished]:
    plan = yield from writer.plan()
    timeline = timeline_of(brief.duration_seconds, plan.qpm, plan.meter)
    bars = writer.progress.of = bars_of(timeline, plan.meter)
    piece = yield from writer.compose(plan, bars, sections_of(brief, bars))
    score = perform_song(piece, brief, timeline)
    return Finished(score, (0.0, round(score.duration_seconds, 3)))


def _extended(writer: Writer, edit: Edit, seed: int) -> Song[Finished]:
    """The last bar, in which the song came to its end, is written anew, so that it does not stop on the way."""
    before, score = edit.piece, edit.score
    kept = max(1, len(before.bars) - 1)
    timeline = timeline_of(score.duration_seconds + edit.seconds, before.qpm, before.meter)
    shorter = replace(before, bars=before.bars[:kept], sections=first_sections(before.sections, kept))
    bars = max(kept + 1, bars_of(timeline, before.meter))
    writer.progress.of = bars - kept
    piece = yield from writer.extend(shorter, bars)
    cut = Cut(piece, frozenset(range(kept, len(piece.bars))), seed, timeline.last_sound)
    longer = replace(splice(score, cut), sections=sections_behind(score, cut), duration_beats=timeline.duration)
    return _finished(ended(longer, timeline.duration), cut)


def _repainted(writer: Writer, edit: Edit, seed: int) -> Song[Finished]:
    cut = Cut(edit.piece, frozenset(), seed, edit.score.duration_beats)
    first, last = (edit.score.beat_at(seconds) / cut.quarters for seconds in edit.span)
    start = min(int(first), len(edit.piece.bars) - 1)
    bars = range(start, max(start + 1, min(ceil(last), len(edit.piece.bars))))
    writer.progress.of = len(bars)
    piece = yield from writer.repaint(edit.piece, bars)
    cut = replace(cut, piece=piece, fresh=frozenset(bars))
    return _finished(splice(edit.score, cut), cut)


def _layered(writer: Writer, edit: Edit, seed: int) -> Song[Finished]:
    track = _cast(edit.instrument, edit.piece, seed)
    writer.progress.of = len(edit.piece.bars)
    piece = yield from writer.add_layer(edit.piece, track)
    score, column = edit.score, len(edit.piece.tracks)
    cut = Cut(piece, frozenset(range(len(piece.bars))), seed, score.duration_beats)
    style = GENRES.get(score.genre)
    variant = sum(other.role == track.role for other in score.tracks)
    part = unused_id(track.role, score.tracks)
    notes = fresh_notes(column, part, cut)
    row = track_of(track, column, variant, notes, *(() if style is None else (style.reverb,)))
    added = replace(row, id=part, name=name_of(track))
    return _finished(replace(score, tracks=(*score.tracks, added)), cut)


def _varied(writer: Writer, edit: Edit, seed: int) -> Song[Finished]:
    """A share of the bars written anew: sections that come again by variation, phrases of the others by infill."""
    piece, fresh = edit.piece, set[int]()
    chosen = _chosen(edit, seed)
    writer.progress.of = sum(len(bars) for bars, _ in chosen)
    for bars, section in chosen:
        whole = section is not None and len(bars) == piece.sections[section].bars
        piece = yield from (writer.vary(piece, section or 0) if whole else writer.repaint(piece, bars))
        fresh.update(bars)
    cut = Cut(piece, frozenset(fresh), seed, edit.score.duration_beats)
    return _finished(splice(edit.score, cut) if fresh else edit.score, cut)


def _chosen(edit: Edit, seed: int) -> list[tuple[range, int | None]]:
    """Runs of bars in their order, each with its section if that came before: drawn until there are enough."""
    wanted = ceil(edit.amount * len(edit.piece.bars))
    units = list(_units(edit.piece))
    chosen = []
    for index in stream(seed, "vary").permutation(len(units)).tolist():
        bars, section = units[index]
        if wanted > 0:
            chosen.append((bars[:wanted], section))
        wanted -= len(bars)
    return sorted(chosen, key=lambda unit: unit[0].start)


def _units(piece: Piece) -> Iterator[tuple[range, int | None]]:
    form = form_of(piece)
    for index, (start, section) in enumerate(zip(section_starts(piece.sections), piece.sections, strict=True)):
        bars = range(start, start + section.bars)
        if form.first_occurrence(index) is not None:
            yield bars, index
        else:
            yield from ((bars[place : place + _PHRASE], None) for place in range(0, len(bars), _PHRASE))


def _cast(name: str, piece: Piece, seed: int) -> Track:
    """The instrument in the first of its roles that nobody has yet, or in its last one."""
    entry = INSTRUMENTS[name]
    taken: set[Role] = {track.role for track in piece.tracks}
    role = next((role for role in entry.roles if role not in taken), entry.roles[-1])
    style = GENRES.get(piece.genre or "")
    programs = programs_of(name)
    program, is_drum = programs[int(stream(seed, "program", name).integers(len(programs)))]
    if not entry.programs:
        program = 0 if style is None else style.kit
    return Track(role, program, is_drum)


def _finished(score: Score, cut: Cut) -> Finished:
    if not cut.fresh:
        return Finished(score, (0.0, 0.0))
    start = score.seconds_at(min(cut.fresh) * cut.quarters)
    last = max(cut.fresh) + 1
    end = score.duration_beats if last >= len(cut.piece.bars) else last * cut.quarters
    return Finished(score, (round(start, 3), round(score.seconds_at(end), 3)))
