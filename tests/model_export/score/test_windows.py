"""What the decoder sees: conditioning, the five tasks, and windows of songs that are longer than one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_export.score.dataset import IGNORED, Dataset, Described
from model_export.score.tasks import choose_task, make_example
from model_export.score.wishing import wishes_of_piece, with_drops
from tests.model_export.score.builders import PIANO, VOCABULARY, chords_part, pieces, song, tokenizer_of
from tests.model_export.score.test_language import GRAMMAR, TOKENIZER
from triton_models.score_language.conditioning import Wishes, prefix_tokens, wishes_of_brief
from triton_models.score_language.encoding import Encoded, Form, encode
from triton_models.score_language.music import Meter, Part, Piece, Section
from triton_models.score_language.parsing import Job, Parser
from triton_models.score_language.vocabulary import TASKS
from triton_models.score_language.windows import (
    View,
    context_tokens,
    cost_of,
    gap_view,
    last_bars,
    layer_view,
    next_view,
    variation_view,
    written_tokens,
)

EVERY = (0, 1, 2)
EXAMPLES = settings(max_examples=40, deadline=None, derandomize=True)


def encoded(bars: int = 16) -> Encoded:
    return encode(song(bars), VOCABULARY, TOKENIZER)


def names(tokens: list[int] | tuple[int, ...]) -> list[str]:
    return [VOCABULARY.names[base] for base in TOKENIZER.expand(tokens)]


def test_wishes_become_tokens_and_what_is_unknown_is_no_wish() -> None:
    wishes = Wishes(
        genre="jazz",
        mood="unheard of",
        bpm=120,
        tonic=2,
        meter=Meter(3, 4),
        wanted=(frozenset({(1, False), (0, False)}),),
        avoided=(frozenset({(16, True)}),),
    )

    told = names(prefix_tokens(wishes, "infill", VOCABULARY))

    assert told == [
        *("Text_", "Task_infill", "Genre_jazz", "Meter_3/4", "Tonic_2", "Tempo_31"),
        *("Want_", "Program_0", "Avoid_", "Kit_16"),
    ]
    assert names(prefix_tokens(Wishes(), "scratch", VOCABULARY)) == ["Text_", "Task_scratch"]


def test_a_brief_is_read_as_wishes() -> None:
    brief = {
        "genre": "jazz",
        "mood": None,
        "bpm": 60.0,
        "key": {"tonic": "Bb", "mode": "dorian"},
        "meter": "6/8",
        "instruments": ["piano", "theremin"],
        "excluded_instruments": ["drums"],
    }

    wishes = wishes_of_brief(brief, {"piano": ((0, False), (1, False)), "drums": ((0, True),)})

    assert wishes == Wishes(
        "jazz",
        None,
        60.0,
        "dorian",
        10,
        Meter(6, 8),
        (frozenset({(0, False), (1, False)}),),
        (frozenset({(0, True)}),),
    )


def test_every_wish_is_dropped_now_and_then_and_none_is_invented() -> None:
    rng = np.random.default_rng(0)
    others = ((73, False), (0, False), (0, True))
    full = [wishes_of_piece(song(), rng, others) for _ in range(400)]
    dropped = [with_drops(wishes, rng) for wishes in full]

    for name in ("genre", "mood", "bpm", "mode", "tonic", "meter"):
        share = sum(getattr(wishes, name) is None for wishes in dropped) / len(dropped)
        assert 0.3 < share < 0.55
    assert 0.05 < sum(wishes == Wishes() for wishes in dropped) / len(dropped) < 0.16
    assert {choice for wishes in full for choice in wishes.wanted} == {
        frozenset({(0, False)}),
        frozenset({(33, False)}),
        frozenset({(0, True)}),
    }
    assert {choice for wishes in full for choice in wishes.avoided} == {frozenset({(73, False)})}


@EXAMPLES
@given(pieces(), st.sampled_from(TASKS), st.integers(0, 1000))
def test_examples_fit_their_room_and_end_with_what_was_asked_for(piece: Piece, task: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    tokens = encode(piece, VOCABULARY, TOKENIZER)
    task = task if fits(tokens, task) else "scratch"

    example = make_example(tokens, task, 4096, VOCABULARY, rng)

    assert len(example.tokens) <= 4096
    assert names(example.tokens[example.written : example.written + 1]) == ["Write_"]
    assert names(example.tokens)[-1] == "End_"


def fits(tokens: Encoded, task: str) -> bool:
    rng = np.random.default_rng(0)
    return any(choose_task(tokens, rng) == task for _ in range(60))


def test_densities_are_told_in_most_examples_and_never_in_some() -> None:
    rng = np.random.default_rng(0)
    examples = [names(make_example(encoded(), "scratch", 4096, VOCABULARY, rng).tokens) for _ in range(60)]

    counts = [sum(name.startswith("Density_") for name in example) for example in examples]

    assert set(counts) == {0, 4}
    assert 8 <= counts.count(0) <= 28


def test_short_rooms_cut_at_bars() -> None:
    example = make_example(encoded(), "scratch", 90, VOCABULARY, np.random.default_rng(0))

    assert len(example.tokens) <= 90
    assert names(example.tokens)[-1] == "End_"
    bars = [name for name in names(example.tokens) if name.startswith("Bar_")]
    assert 1 < len(bars) < 16
    assert bars == [f"Bar_{16 - number}" for number in range(len(bars))]


def test_a_gap_is_seen_between_its_past_and_its_future() -> None:
    view = gap_view(encoded().bars, range(6, 8), EVERY, 2000)

    assert (view.past, view.write, view.future) == (range(6), range(6, 8), range(8, 16))
    tokens, writer = context_tokens(encoded().bars, encoded().form, view, VOCABULARY)
    written = names(written_tokens(writer, view, VOCABULARY))
    assert [name for name in names(tokens) if name in ("Past_", "Future_")] == ["Past_", "Future_"]
    assert [name for name in written if name.startswith("Bar_")] == ["Bar_10", "Bar_9"]


def test_a_long_gap_is_cut_to_half_of_the_window() -> None:
    bars = encoded().bars
    view = gap_view(bars, range(16), EVERY, 150)

    assert 0 < len(view.write) < 16
    assert cost_of(bars, view.write, EVERY) <= 75


def test_a_layer_sees_the_other_tracks_and_no_chords_of_its_own() -> None:
    bars, form = encoded().bars, encoded().form
    view = layer_view(bars, 0, 1, EVERY, 2000)
    tokens, writer = context_tokens(bars, form, view, VOCABULARY)
    written = names(written_tokens(writer, view, VOCABULARY))

    assert {name for name in names(tokens) if name.startswith("Track_")} == {"Track_0", "Track_2"}
    assert {name for name in written if name.startswith("Track_")} == {"Track_1"}
    assert not any(name.startswith("Chord_") for name in written)
    assert any(name.startswith("Chord_") for name in names(tokens))


def test_a_variation_sees_the_first_occurrence_and_what_leads_to_it() -> None:
    bars, form = encoded().bars, encoded().form

    view = variation_view(bars, form, 3, EVERY, 2000)

    assert view == View(range(12, 16), EVERY, range(8, 12), recall=range(4, 8))
    assert variation_view(bars, form, 0, EVERY, 2000) is None


def test_a_long_song_goes_on_with_its_last_bars_and_the_section_that_comes_again() -> None:
    # Given twelve bars of a song whose last four are to be its second chorus
    tokens = encoded()
    known = tokens.bars[:12]

    view = next_view(known, tokens.form, EVERY, 16, room=260, reserve=120)

    assert view.write == range(12, 16)
    assert view.past.stop == 12
    assert 0 < len(view.past) < 8
    assert view.recall.start == 4
    told, _ = context_tokens(known, tokens.form, view, VOCABULARY)
    assert len(told) <= 140


def test_a_window_within_a_returning_section_recalls_what_is_still_to_come_of_it() -> None:
    # Given a song that stands in the third bar of its second chorus
    tokens = encoded()

    view = next_view(tokens.bars[:14], tokens.form, EVERY, 16, room=220, reserve=100)

    assert view.write == range(14, 16)
    assert view.recall.start == 6
    assert view.past.start > 6


def test_a_window_ends_where_it_comes_to_a_bar_that_returns_unseen() -> None:
    # Given the second of two verses, of which only the first bar of the first one is in sight
    known = {(0, 0): song().bars[0].parts[0] or chords_part(0)}
    form = Form((Section("verse", 2), Section("verse", 2)), (None, None))
    job = Job(2, 4, 4, {0: PIANO}, 48, form, known=known)
    bars = ("Section_verse", "Bars_2", "Bar_2", "Track_0", "Level_8", "Repeat_0", "Bar_1")
    parser = Parser(job, VOCABULARY)
    seen = []

    for name in bars:
        parser.push(VOCABULARY.ids[name])
        seen.append(parser.out_of_sight)

    assert seen == [False] * 6 + [True]
    assert len(parser.bars(1)) == 1


def test_what_is_still_in_sight_is_not_recalled() -> None:
    tokens = encoded()

    view = next_view(tokens.bars[:12], tokens.form, EVERY, 16, room=4000, reserve=1000)

    assert view == View(range(12, 16), EVERY, range(12))


def test_a_song_begins_with_nothing_in_sight() -> None:
    tokens = encoded()

    assert next_view((), tokens.form, EVERY, 16, room=500, reserve=250) == View(range(16), EVERY)


@EXAMPLES
@given(st.integers(0, 4000))
def test_the_last_bars_are_as_many_as_fit(budget: int) -> None:
    bars = encoded().bars

    chosen = last_bars(bars, 16, EVERY, budget)

    assert chosen.stop == 16
    assert cost_of(bars, chosen, EVERY) <= budget
    assert chosen.start == 0 or cost_of(bars, range(chosen.start - 1, 16), EVERY) > budget


@pytest.mark.parametrize("task", TASKS)
def test_what_every_task_writes_is_legal_and_gives_the_piece_back(task: str) -> None:
    # Given the window of a task over a song, when what it writes is parsed, then it is the song's own bars
    piece, tokens = song(), encoded()
    views = {
        "scratch": View(range(16), EVERY),
        "continue": next_view(tokens.bars[:12], tokens.form, EVERY, 16, room=260, reserve=120),
        "infill": gap_view(tokens.bars, range(6, 8), EVERY, 2000),
        "layer": layer_view(tokens.bars, 0, 1, EVERY, 2000),
        "vary": variation_view(tokens.bars, tokens.form, 3, EVERY, 2000),
    }
    view = views[task]
    assert view is not None
    _, writer = context_tokens(tokens.bars, tokens.form, view, VOCABULARY)
    told = {*view.past, *view.future, *view.recall}
    parser = Parser(
        Job(
            *(view.write.start, view.write.stop, 16, {track: piece.tracks[track] for track in view.tracks}, 48),
            form=tokens.form,
            known=known_parts(told, view.tracks),
            levels=dict(writer.levels),
            chords=not view.others,
        ),
        VOCABULARY,
    )

    for token in written_tokens(writer, view, VOCABULARY)[1:]:
        assert GRAMMAR.mask(parser)[token]
        for base in TOKENIZER.expansions[token]:
            parser.push(base)

    written = [[bar.parts[track] for track in view.tracks] for bar in parser.bars(3)]
    assert written == [[piece.bars[number].parts[track] for track in view.tracks] for number in view.write]


def known_parts(numbers: set[int], tracks: tuple[int, ...]) -> dict[tuple[int, int], Part]:
    found = {(number, track): song().bars[number].parts[track] for number in numbers for track in tracks}
    return {place: part for place, part in found.items() if part is not None}


def dataset(seed: int = 0) -> Dataset:
    vector = np.full(384, 0.05, dtype=np.float32)
    plain = song(20, text="")
    rows = [Described(song(), encoded(), vector), Described(plain, encode(plain, VOCABULARY, TOKENIZER), None)]
    return Dataset(rows, VOCABULARY, seed)


def test_batches_depend_on_seed_and_number_alone() -> None:
    # Given two datasets of one seed, one of which has given other batches before
    one, two = dataset(), dataset()
    one.batch(4, 2, 600)

    same, again, other = one.batch(9, 2, 600), two.batch(9, 2, 600), dataset(1).batch(9, 2, 600)

    assert all(np.array_equal(getattr(same, name), getattr(again, name)) for name in same.__slots__)
    assert not np.array_equal(same.tokens, other.tokens)


def test_targets_are_the_next_tokens_of_the_same_piece_and_never_wishes() -> None:
    batch = dataset().batch(1, 4, 700)
    plan = VOCABULARY.id("Plan")

    for row in range(4):
        asked = np.flatnonzero(batch.targets[row] != IGNORED)
        assert np.array_equal(batch.targets[row, asked], batch.tokens[row, asked + 1])
        assert np.array_equal(batch.pieces[row, asked], batch.pieces[row, asked + 1])
        for number in range(batch.pieces[row].max() + 1):
            places = np.flatnonzero(batch.pieces[row] == number)
            first = int(np.flatnonzero(batch.targets[row, places] != IGNORED)[0])
            assert batch.targets[row, places[first]] == plan
            assert batch.positions[row, places].tolist() == list(range(len(places)))
            assert batch.tokens[row, places[0]] == VOCABULARY.id("Text")
    assert (batch.pieces.max(axis=1) > 0).all()
    assert ((batch.tasks >= 0) <= (batch.targets != IGNORED)).all()


def test_descriptions_stand_on_the_first_token_of_described_pieces_only() -> None:
    batch = dataset().batch(2, 8, 700)

    rows, places = np.nonzero(batch.texts.any(axis=2))

    assert len(rows) > 0
    assert (batch.positions[rows, places] == 0).all()
    assert (batch.tokens[rows, places] == VOCABULARY.id("Text")).all()


def test_the_instruments_of_a_layer_are_planned_with_the_others() -> None:
    piece = replace(song(), text="")
    merged = tokenizer_of(piece)

    plan = [VOCABULARY.names[token] for token in encode(piece, VOCABULARY, merged).plan]

    assert plan == [
        *("Plan_", "Meter_4/4", "Mode_major", "Tonic_0", "Tempo_31"),
        *("Track_0", "Role_chords", "Program_0"),
        *("Track_1", "Role_bass", "Program_33"),
        *("Track_2", "Role_drums", "Kit_0"),
    ]
