"""Every meter of the evaluation, on music whose answer is known by counting."""

from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
import torch
from rich.console import Console

from model_export.score.checkpoint import Checkpoint
from model_export.score.evaluation import genres
from model_export.score.evaluation.adherence import instruments_of, judge
from model_export.score.evaluation.form import (
    empty_bar_rate,
    groove_consistency,
    repetition_rate,
    section_structure,
)
from model_export.score.evaluation.novelty import CopyIndex, diversity, melodic_grams, passages
from model_export.score.evaluation.perplexity import perplexity
from model_export.score.evaluation.repainting import excerpt
from model_export.score.evaluation.report import Answer, measure, table
from model_export.score.evaluation.tonality import chord_tone_ratio, heard_key, in_key_ratio
from model_export.score.sizes import SIZES
from model_export.score.transformer import ScoreTransformer
from tests.model_export.score.builders import BASS, DRUMS, PIANO, VOCABULARY, drums_part, song
from tests.model_export.score.test_language import TOKENIZER
from triton_models.score_language.conditioning import Wishes
from triton_models.score_language.music import Bar, Chord, Meter, Note, Part, Piece, Section, Track

EMPTY = Bar((), (None,))


def line(*bars: tuple[Note, ...], track: Track = PIANO, sections: tuple[Section, ...] = ()) -> Piece:
    """One track in 4/4."""
    return replace(
        song(),
        tracks=(track,),
        sections=sections or (Section("verse", len(bars)),),
        bars=tuple(Bar((), (Part(8, notes) if notes else None,)) for notes in bars),
    )


def quarters(*pitches: int) -> tuple[Note, ...]:
    return tuple(Note(12 * index, pitch, 12, 0) for index, pitch in enumerate(pitches))


def test_time_out_of_the_scale_is_out_of_the_key() -> None:
    # Given three quarters in C major and one on its flat second; drums have no key
    piece = line(quarters(60, 64, 67, 61))

    assert in_key_ratio(piece) == 0.75
    assert in_key_ratio(replace(piece, mode="harmonic_minor")) == 0.5
    assert in_key_ratio(line(quarters(61), track=DRUMS)) == 1.0


def test_a_scale_is_heard_in_its_real_key() -> None:
    scale = line(quarters(60, 62, 64, 65), quarters(67, 69, 71, 72), quarters(60, 67, 64, 60))

    assert heard_key(scale) == (0, "major")
    assert heard_key(replace(scale, tonic=3)) == (3, "major")


def test_notes_are_held_against_the_chord_that_sounds() -> None:
    # Given C major, then from the middle of the bar on F minor, which goes on into the next bar
    bars = (
        Bar((Chord(0, 0, ""), Chord(24, 5, "m")), (Part(8, quarters(60, 62, 65, 68)),)),
        Bar((), (Part(8, quarters(60, 61)),)),
    )
    piece = replace(line(quarters(60)), bars=bars)

    assert chord_tone_ratio(piece) == 4 / 6
    assert chord_tone_ratio(line(quarters(60))) is None


def test_equal_onsets_are_one_groove() -> None:
    eighths = drums_part().notes

    assert groove_consistency(line(eighths, eighths, track=DRUMS)) == 1.0
    assert groove_consistency(line(eighths, eighths[:4], track=DRUMS)) == 1 - 4 / 48
    assert groove_consistency(line(eighths)) == 1.0


def test_sections_that_come_again_show_in_the_structure() -> None:
    verse, chorus = quarters(60, 62), quarters(72, 76)
    named = (Section("verse", 1), Section("chorus", 1), Section("verse", 1), Section("chorus", 1))

    assert section_structure(line(verse, chorus, verse, chorus, sections=named)) == 1.0
    assert section_structure(line(verse, verse, verse, verse, sections=named)) == 0.0
    assert section_structure(line(verse, chorus, sections=named[:2])) is None


def test_bars_that_come_again_are_counted_and_silence_is_no_repetition() -> None:
    piece = line(quarters(60), (), quarters(60), quarters(61), ())

    assert repetition_rate(piece) == pytest.approx(1 / 3)
    assert empty_bar_rate(piece) == 0.4


def test_diversity_is_the_share_of_melody_that_is_not_shared() -> None:
    one = line(quarters(60, 62, 64, 65), quarters(67, 69, 71, 72))
    higher = line(quarters(65, 67, 69, 70), quarters(72, 74, 76, 77))
    other = line(quarters(60, 55, 70, 50), quarters(61, 58, 49, 80))

    assert diversity([one, one]) == 0.0
    assert diversity([one, higher]) == 0.0
    assert diversity([one, other]) == 1.0
    assert len(melodic_grams(line(quarters(60, 62, 64, 65)))) == 1
    with pytest.raises(ValueError, match="two pieces"):
        diversity([one])


def test_eight_bars_in_another_key_are_a_copy_and_seven_are_none() -> None:
    # Given a corpus of a song of sixteen bars
    corpus = CopyIndex([song()])
    own = line(*(quarters(60 + number) for number in range(16)))
    half = replace(song(), bars=song().bars[:7])

    assert corpus.copied([replace(song(), tonic=5)]) == 1.0
    assert corpus.copied([own]) == 0.0
    assert corpus.copied([half]) == 0.0
    assert len(passages(song())) == 9
    assert passages(line(*[()] * 9)) == []


def test_each_wish_has_its_verdict() -> None:
    piece = song()
    right = Wishes(
        genre="jazz",
        bpm=123,
        mode="major",
        tonic=0,
        meter=Meter(4, 4),
        wanted=(frozenset({(0, False), (1, False)}),),
        avoided=(frozenset({(73, False)}),),
    )
    wrong = Wishes(
        genre="waltz",
        bpm=126,
        mode="minor",
        tonic=0,
        meter=Meter(3, 4),
        wanted=(frozenset({(73, False)}),),
        avoided=(frozenset({(33, False)}),),
    )

    assert set(judge(piece, right, "jazz").values()) == {True}
    assert set(judge(piece, wrong, "jazz").values()) == {False}
    assert set(judge(piece, right, "jazz")) == {"tempo", "meter", "key", "heard key", "genre", "wanted", "avoided"}
    assert judge(piece, Wishes(), "jazz") == {}


def test_a_tempo_counts_the_beats_of_the_meter() -> None:
    # Given 6/8 at 90 quarter notes, which are 60 dotted ones
    piece = replace(song(), meter=Meter(6, 8), qpm=90.0)

    assert judge(piece, Wishes(bpm=60), "jazz") == {"tempo": True}
    assert judge(piece, Wishes(bpm=90), "jazz") == {"tempo": False}


def test_an_instrument_that_never_plays_is_not_there() -> None:
    silent = replace(song(), bars=tuple(Bar(bar.chords, (bar.parts[0], None, None)) for bar in song().bars))

    assert instruments_of(silent) == {(0, False)}
    assert instruments_of(song()) == {(0, False), (33, False), (0, True)}


def test_the_classifier_tells_genres_apart_by_what_is_heard() -> None:
    # Given waltzes on the piano and jazz on the bass, then unheard ones that claim nothing
    waltzes = [replace(line(quarters(60, 64, pitch)), genre="waltz", meter=Meter(3, 4)) for pitch in range(60, 72)]
    jazz = [replace(line(quarters(40, 43, pitch, 45), track=BASS), genre="jazz") for pitch in range(40, 52)]

    classifier = genres.train([*waltzes[:8], *jazz[:8]])

    unheard = [replace(piece, genre=None) for piece in (*waltzes[8:], *jazz[8:])]
    assert classifier.classify(unheard) == ["waltz"] * 4 + ["jazz"] * 4
    assert classifier.accuracy([*waltzes, *jazz, replace(waltzes[0], genre="jazz")]) == 24 / 25
    assert np.array_equal(genres.train([*waltzes[:8], *jazz[:8]]).weights, classifier.weights)
    with pytest.raises(ValueError, match="no piece has a genre"):
        genres.train(unheard)


def test_features_do_not_know_the_genre() -> None:
    assert np.array_equal(genres.features(song()), genres.features(replace(song(), genre="waltz")))


def test_a_model_without_any_training_is_as_surprised_as_can_be() -> None:
    # Given a model whose weights are all zero, so that every token is as likely
    torch.set_num_threads(1)
    model = ScoreTransformer(SIZES["test"].architecture, len(TOKENIZER))
    for weight in model.parameters():
        torch.nn.init.zeros_(weight)
    model.eval()

    assert perplexity(Checkpoint(model, VOCABULARY, TOKENIZER), [song()]) == pytest.approx(len(TOKENIZER), rel=1e-4)


def test_an_excerpt_is_some_bars_of_a_piece() -> None:
    piece = excerpt(song(), range(4, 8))

    assert (piece.bars, piece.sections) == (song().bars[4:8], (Section("", 4),))


def test_rows_of_numbers_are_means_over_pieces_and_stand_side_by_side() -> None:
    classifier = genres.train([song(), replace(song(), genre="waltz", meter=Meter(3, 4))])
    wishes = Wishes(bpm=120)
    answers = [Answer(wishes, (song(), replace(song(), qpm=90.0)))]

    row = measure(answers, classifier, CopyIndex([song()]))

    assert (row["tempo"], row["diversity"], row["copied passages"]) == (0.5, 0.0, 1.0)
    assert "meter" not in row
    printed = StringIO()
    Console(file=printed, width=80).print(table({"model": row, "corpus": {"tempo": 1.0}}))
    assert "0.500" in printed.getvalue()
    assert "–" in printed.getvalue()
