"""Tokens: what is encoded is parsed again, every token was legal, and what the grammar lets through is a score."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model_export.score.builders import BASS, DRUMS, PIANO, VOCABULARY, chords_part, pieces, song, tokenizer_of
from triton_models.score_language.encoding import (
    BlockWriter,
    Form,
    bucket_tempo,
    encode,
    rows_of,
    tempo_bucket,
)
from triton_models.score_language.grammar import Grammar
from triton_models.score_language.music import Bar, Piece, Section, counterpart, section_starts
from triton_models.score_language.parsing import Job, Parser
from triton_models.score_language.tokenizer import ScoreTokenizer, load
from triton_models.score_language.vocabulary import LONGEST_SECTION, Vocabulary

TOKENIZER = tokenizer_of(song())
GRAMMAR = Grammar(VOCABULARY, TOKENIZER)
EXAMPLES = settings(max_examples=60, deadline=None, derandomize=True)


def job_of(piece: Piece, form: Form) -> Job:
    return Job(0, len(piece.bars), len(piece.bars), dict(enumerate(piece.tracks)), piece.meter.positions, form)


def read(tokens: list[int], job: Job) -> Parser:
    """Parse a block, holding every token against the grammar."""
    parser = Parser(job, VOCABULARY)
    for token in tokens:
        assert GRAMMAR.mask(parser)[token], [VOCABULARY.names[base] for base in TOKENIZER.expansions[token]]
        for base in TOKENIZER.expansions[token]:
            parser.push(base)
    return parser


def sayable(piece: Piece) -> Piece:
    """Without drums outside General MIDI's keys, which are not in the vocabulary."""
    kept = {(number, track) for number, track, _, _ in rows_of(piece, VOCABULARY)}
    bars = []
    for number, bar in enumerate(piece.bars):
        parts = [
            replace(
                part,
                notes=tuple(
                    note
                    for note in part.notes
                    if not piece.tracks[track].is_drum or VOCABULARY.known("Drum", note.pitch)
                ),
            )
            if part is not None and (number, track) in kept
            else None
            for track, part in enumerate(bar.parts)
        ]
        bars.append(Bar(bar.chords, tuple(parts)))
    return replace(piece, bars=tuple(bars))


@EXAMPLES
@given(pieces())
def test_what_is_encoded_is_parsed_again(piece: Piece) -> None:
    encoded = encode(piece, VOCABULARY, TOKENIZER)
    tracks = range(len(piece.tracks))
    block = BlockWriter(encoded.bars, encoded.form, VOCABULARY).block("Write", range(len(piece.bars)), tracks)

    parser = read([*block[1:], VOCABULARY.id("End")], job_of(piece, encoded.form))

    assert parser.finished
    assert parser.bars(len(piece.tracks)) == sayable(piece).bars


def test_a_form_that_nobody_decided_is_read_from_the_tokens() -> None:
    piece = song()
    encoded = encode(piece, VOCABULARY, TOKENIZER)
    block = BlockWriter(encoded.bars, encoded.form, VOCABULARY).block("Write", range(16), range(3))

    parser = read([*block[1:], VOCABULARY.id("End")], job_of(piece, Form((), ())))

    assert parser.form == encoded.form
    assert parser.bars(3) == piece.bars


def test_merging_makes_rows_shorter_and_keeps_them() -> None:
    rows = [row for *_, row in rows_of(song(), VOCABULARY)]

    merged = TOKENIZER.encode(rows)

    assert [TOKENIZER.expand(row) for row in merged] == rows
    assert sum(map(len, merged)) < sum(map(len, rows)) / 2
    assert TOKENIZER.expansions[: len(VOCABULARY)] == tuple((token,) for token in range(len(VOCABULARY)))


def test_a_saved_tokenizer_is_the_same(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("tokens")
    TOKENIZER.save(folder)

    again: ScoreTokenizer = load(folder)

    assert again.expansions == TOKENIZER.expansions
    with pytest.raises(FileNotFoundError):
        load(folder / "elsewhere")


def test_bars_that_come_again_are_told_as_repeats() -> None:
    encoded = encode(song(), VOCABULARY, TOKENIZER)
    names = told(BlockWriter(encoded.bars, encoded.form, VOCABULARY).block("Write", range(16), range(3)))

    # Within the first verse and chorus the drums repeat the bar before, in the chorus chords and bass the bar four
    # before; the later ones repeat the first ones, but for bass and drums where those rested.
    assert names.count("Repeat_1") == 6 + 1
    assert names.count("Repeat_4") == 4 + 3 + 1
    assert names.count("Repeat_0") == 3 * 8 - 2
    assert names.count("Level_10") == 1


def test_a_section_that_returns_repeats_its_first_occurrence_where_that_was_told() -> None:
    # Given the second chorus, of whose first occurrence two of four bars were recalled
    encoded = encode(song(), VOCABULARY, TOKENIZER)
    writer = BlockWriter(encoded.bars, encoded.form, VOCABULARY)
    writer.block("Recall", range(4, 6), [0])

    names = told(writer.block("Write", range(12, 16), [0]))

    assert names.count("Repeat_0") == 2


def test_a_longer_return_begins_its_first_occurrence_again() -> None:
    sections = (Section("verse", 4), Section("", 2), Section("verse", 6), Section("", 2))

    found = [counterpart(sections, bar) for bar in (3, 4, 6, 9, 10, 12, 14)]

    assert found == [None, None, 0, 3, 0, None, None]


@EXAMPLES
@given(st.integers(0, 2**32), st.booleans())
def test_whatever_the_grammar_lets_through_is_a_score(seed: int, decided: bool) -> None:
    # Given tokens drawn at random from those that are legal, for bars behind a known one
    rng = np.random.default_rng(seed)
    form = encode(song(8), VOCABULARY, TOKENIZER).form if decided else Form((), ())
    tracks = {0: PIANO, 2: DRUMS, 5: BASS}
    job = Job(1, 5, 8, tracks, 48, form if decided else Form(song(8).sections[:1], (2,)), {(0, 0): chords_part(0)})
    parser = Parser(job, VOCABULARY)

    for _ in range(4000):
        legal = GRAMMAR.mask(parser)
        token = closing(legal) if rng.random() < 0.3 else int(rng.choice(np.flatnonzero(legal)))
        for base in TOKENIZER.expansions[token]:
            parser.push(base)
        if parser.finished:
            break

    bars = parser.bars(6)
    assert parser.finished
    assert len(bars) == 4
    assert sum(section.bars for section in parser.sections) >= 5
    assert not GRAMMAR.mask(parser).any()
    for bar in bars:
        assert {track for track, part in enumerate(bar.parts) if part} <= set(tracks)
        for part in filter(None, bar.parts):
            places = [(note.position, note.pitch) for note in part.notes]
            assert places == sorted(set(places))
            assert all(note.position < 48 for note in part.notes)


def closing(legal: "np.typing.NDArray[np.bool_]") -> int:
    """The token that brings the end nearest: what ends the bar or the block, if that is legal."""
    for kind in ("End", "Bar", "Section"):
        fitting = [token for token in np.flatnonzero(legal[: len(VOCABULARY)]) if VOCABULARY.kind(token) == kind]
        if fitting:
            return int(fitting[0])
    return int(np.flatnonzero(legal)[0])


def test_sections_begin_where_the_form_says() -> None:
    form = Form(song(8).sections, (1, None, 2, 3))

    assert [form.section_at(bar) for bar in range(9)] == [0, 0, 1, 1, 2, 2, 3, 3, 3]
    assert section_starts(form.sections) == (0, 2, 4, 6)


def test_tempo_buckets_are_narrow() -> None:
    for qpm in (40.0, 97.0, 120.0, 180.0):
        assert abs(bucket_tempo(tempo_bucket(qpm)) / qpm - 1) < 0.03


def test_the_vocabulary_leaves_room_for_merges() -> None:
    full = Vocabulary(tuple(map(str, range(40))), tuple(map(str, range(60))))

    assert len(full) < 1100
    assert len(set(full.names)) == len(full)
    assert full.known("Bars", LONGEST_SECTION)
    assert not full.known("Genre", "polka")
    assert (full.kind(full.id("Pitch", 60)), full.value(full.id("Pitch", 60))) == ("Pitch", "60")


def told(tokens: list[int]) -> list[str]:
    return [VOCABULARY.names[base] for base in TOKENIZER.expand(tokens)]
