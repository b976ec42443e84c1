"""Songs by brief and their edits, from a model of chance: what was bound is kept, and what was not asked for stays."""

from collections.abc import Collection
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.score_writer.scenes import BRIEF, CONTEXT, LANGUAGE, chance, edit_of, score_of, written
from triton_models.composer.brief import Brief, BriefError
from triton_models.score.document import from_json, to_json
from triton_models.score.midi import to_midi
from triton_models.score.model import Key, Note, Score
from triton_models.score_writer.alone import write_alone
from triton_models.score_writer.briefs import wishes_of
from triton_models.score_writer.leaning import NOWHERE
from triton_models.score_writer.rules import BlockRules
from triton_models.score_writer.songs import Finished, task_of
from triton_models.score_writer.windows import Manner, Song, Taste

QUARTERS = 4.0
# Quarters that a note is played ahead of its place at most: less than half of the grid's twelfths.
AHEAD = 0.04


def notes_outside(score: Score, bars: Collection[int]) -> list[tuple[str, Note]]:
    """Notes that begin in other bars."""
    every = ((track.id, note) for track in score.tracks for note in track.notes)
    return [(name, note) for name, note in every if bar_of(note) not in bars]


def bar_of(note: Note) -> int:
    """The bar that a note was written in."""
    return int((note.start + AHEAD) // QUARTERS)


def sound(score: Score) -> Score:
    """The same score, which can be read again and be a MIDI file, and in which no key sounds twice at once."""
    assert from_json(to_json(score)) == score
    assert to_midi(score)
    for track in score.tracks:
        for pitch in {note.pitch for note in track.notes}:
            row = [note for note in track.notes if note.pitch == pitch]
            assert all(one.end <= other.start + 1e-9 for one, other in pairwise(row))
    return score


@pytest.mark.parametrize("seed", range(4))
def test_a_brief_binds_tempo_meter_key_instruments_form_and_length(seed: int) -> None:
    brief = Brief(
        *("jazz", 17.3, seed),
        bpm=97.5,
        meter="3/4",
        key=Key("Eb", "minor"),
        instruments=("violin", "piano"),
        excluded_instruments=("drums", "flute"),
        sections=("intro", "verse", "chorus"),
        title="Nine Lives",
    )

    made = written(brief)

    score = sound(made.score)
    assert (score.title, score.genre, score.mood, score.seed) == ("Nine Lives", "jazz", "", seed)
    assert [change.qpm for change in score.tempo_map] == [97.5]
    assert [(change.numerator, change.denominator) for change in score.meter_map] == [(3, 4)]
    assert (score.key.pitch_class, score.key.mode) == (3, "minor")
    assert [section.name for section in score.sections] == ["intro", "verse", "chorus"]
    assert score.sections[-1].end == score.duration_beats
    assert abs(score.duration_seconds - 17.3) < 0.01
    assert made.changed == (0.0, round(score.duration_seconds, 3))
    playing = {(track.program, track.is_drum) for track in score.tracks if track.notes}
    assert (40, False) in playing
    assert playing & {(0, False), (1, False)}
    assert not any(is_drum or program == 73 for program, is_drum in playing)


def test_a_section_that_returns_out_of_sight_gets_a_window_with_its_first_occurrence() -> None:
    # Given a song whose verse comes again when its first one has left the window long since
    sections = ("verse", "chorus", "bridge", "verse")
    task = task_of(replace(BRIEF, duration_seconds=60.0, sections=sections), None, LANGUAGE, CONTEXT, text=False)
    recall = LANGUAGE.vocabulary.id("Recall")
    recalling: list[int] = []

    def watched() -> Song[Finished]:
        while True:
            try:
                window = next(task.song)
            except StopIteration as end:
                finished: Finished = end.value
                return finished
            if recall in window.told and isinstance(window.rules, BlockRules):
                recalling.append(window.rules.parser.job.start)
            yield window

    finished = write_alone(watched(), Manner(1, taste=Taste(leaning=NOWHERE)), chance(), CONTEXT)

    verse = sound(finished.score).sections[3]
    assert recalling[0] == int(verse.start // QUARTERS)


def test_what_a_brief_leaves_open_is_chosen_and_the_song_has_a_title() -> None:
    made = written(Brief("jazz", 5.0, 11))

    score = sound(made.score)
    assert abs(score.duration_seconds - 5.0) < 0.01
    assert len(score.title.split()) >= 2
    assert any(track.notes for track in score.tracks)


def test_equal_briefs_give_equal_songs_and_other_seeds_or_tastes_do_not() -> None:
    first = written(BRIEF)

    assert written(BRIEF) == first
    assert written(replace(BRIEF, seed=6)).score.tracks != first.score.tracks
    assert written(BRIEF, manner=Manner(5, taste=Taste(guidance=2.0))).score.tracks != first.score.tracks


def test_more_instruments_than_tracks_are_refused_and_a_shared_program_is_spared() -> None:
    names = ("piano", "violin", "cello", "harp", "flute", "clarinet", "trumpet", "trombone", "banjo")
    with pytest.raises(BriefError, match="names 9, this model has 8 tracks"):
        wishes_of(replace(BRIEF, instruments=names), text=False)

    wishes = wishes_of(replace(BRIEF, instruments=("percussion",), excluded_instruments=("drums",)), text=True)

    assert wishes.wanted == (frozenset({(0, True)}),)
    assert (0, True) not in wishes.avoided[0]
    assert (40, True) in wishes.avoided[0]


def test_repainting_touches_the_bars_of_its_range_only() -> None:
    before = score_of()

    made = written(BRIEF, edit_of(before, kind="repaint", from_seconds=4.5, to_seconds=8))

    after = sound(made.score)
    assert made.changed == (4.0, 8.0)
    assert notes_outside(after, {2, 3}) == notes_outside(before, {2, 3})
    assert [track.notes for track in after.tracks] != [track.notes for track in before.tracks]
    assert replace(after, tracks=before.tracks, chords=before.chords) == before
    outside = [chord for chord in before.chords if not 8 <= chord.start < 16]
    assert [chord.symbol for chord in after.chords if not 8 <= chord.start < 16] == [chord.symbol for chord in outside]


def test_a_chord_that_goes_on_behind_repainted_bars_is_told_again() -> None:
    before = score_of()
    held = replace(before, chords=(replace(before.chords[0], duration=before.duration_beats),))

    after = written(BRIEF, edit_of(held, kind="repaint", from_seconds=4, to_seconds=8)).score

    assert [chord.symbol for chord in after.chords if chord.start == 16.0] == [held.chords[0].symbol]


def test_an_extension_goes_on_from_the_last_bar() -> None:
    before = score_of()

    made = written(BRIEF, edit_of(before, kind="extend", seconds=9))

    after = sound(made.score)
    assert abs(after.duration_seconds - before.duration_seconds - 9) < 0.01
    assert made.changed == (14.0, round(after.duration_seconds, 3))
    last_and_new = range(7, 40)
    assert notes_outside(after, last_and_new) == notes_outside(before, last_and_new)
    assert any(note.start >= 32 for track in after.tracks for note in track.notes)
    assert [(section.name, section.start) for section in after.sections[:4]] == [
        *(("verse", 0.0), ("chorus", 8.0), ("verse", 16.0), ("chorus", 24.0)),
    ]
    assert after.sections[-1].end == after.duration_beats
    assert (after.title, after.seed, after.tempo_map) == (before.title, before.seed, before.tempo_map)


def test_a_layer_is_one_track_more_and_is_heard() -> None:
    before = score_of()

    made = written(BRIEF, edit_of(before, kind="layer", instrument="violin"))

    after = sound(made.score)
    assert replace(after, tracks=after.tracks[:-1]) == before
    layer = after.tracks[-1]
    assert (layer.name, layer.program, layer.role, layer.id) == ("Violin", 40, "melody", "melody-1")
    assert layer.notes
    assert layer.reverb > 0


@pytest.mark.parametrize("amount, bars", [(0.25, 2), (0.5, 4), (1.0, 8)])
def test_a_variation_writes_its_share_of_the_bars_anew(amount: float, bars: int) -> None:
    before = score_of()

    after = sound(written(BRIEF, edit_of(before, kind="vary", amount=amount)).score)

    own, others = ({(track.id, note) for track in score.tracks for note in track.notes} for score in (before, after))
    changed = {bar_of(note) for _, note in own ^ others}
    assert len(changed) == bars
    assert (after.sections, after.duration_beats, after.key) == (before.sections, before.duration_beats, before.key)
    assert [track.id for track in after.tracks] == [track.id for track in before.tracks]


def test_no_variation_at_all_is_the_same_song() -> None:
    before = score_of()

    made = written(BRIEF, edit_of(before, kind="vary", amount=0))

    assert (made.score, made.changed) == (before, (0.0, 0.0))
