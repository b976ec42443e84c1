"""What a block leans to: chord tones, an instrument's own keys, and what a section was when it came first."""

from dataclasses import replace
from itertools import chain

import numpy as np
import pytest

from tests.model_export.score.builders import BASS, DRUMS, PIANO, VOCABULARY, bass_part, chords_part, song
from tests.score_writer.scenes import BRIEF, LANGUAGE, edit_of, score_of, written
from triton_models.score_language.consonance import Consonance, Costs, Harmony, Voice
from triton_models.score_language.encoding import Form
from triton_models.score_language.language import Language
from triton_models.score_language.music import Chord, Note, Section, Track
from triton_models.score_language.parsing import Job, Parser, parse
from triton_models.score_tiny.options import OptionsError, options_from_json
from triton_models.score_writer.compasses import compasses
from triton_models.score_writer.leaning import NOWHERE, USUAL, Leaning, offsets_of
from triton_models.score_writer.windows import Manner, Taste

C, G = Chord(0, 0, ""), Chord(24, 7, "")
MELODY = Track("melody", 73, False)
VOICE = Voice(4.0, 2.0, 1.0, 8.0)
FORM = Form((Section("verse", 2), Section("verse", 2)), (None, None))
HEADING = ("Section_verse", "Bars_2")


def job(track: Track, *, start: int = 0, level: int = 9) -> Job:
    """Four bars of one track, two verses of two, of which what is before `start` is C and then G."""
    harmony = [(C,), (Chord(0, 7, ""),)][:start]
    return Job(start, 4, 4, {0: track}, 48, FORM, levels={0: level}, harmony=harmony)


def after(wanted: Job, *names: str) -> Parser:
    """The parser behind these tokens."""
    return parse([VOCABULARY.ids[name] for name in names], wanted, VOCABULARY)


def offset(parser: Parser, name: str, leaning: Leaning = USUAL) -> float:
    offsets = offsets_of(parser, LANGUAGE, leaning)
    return 0.0 if offsets is None else float(offsets[VOCABULARY.ids[name]])


def merged(*names: str) -> int:
    """The token of LANGUAGE that stands for these base tokens."""
    return LANGUAGE.tokenizer.expansions.index(tuple(VOCABULARY.ids[name] for name in names))


def costs(position: int, *chords: Chord) -> Costs:
    return LANGUAGE.consonance.costs(Harmony(chords, 12), VOICE, position)


def test_a_note_costs_by_its_place_and_its_length_where_it_is_foreign_to_its_chord() -> None:
    harmony = Harmony((C, G), 12)

    found = [VOICE.cost(Note(place, pitch, length, 0), harmony) for place, pitch, length in CASES]

    assert found == [4.0, 0.0, 2.0, 1.0, 8.0, 2.0, 0.0]


CASES = ((0, 62, 3), (0, 64, 3), (12, 62, 3), (13, 62, 3), (13, 62, 12), (24, 60, 3), (24, 62, 3))


def test_a_token_costs_what_its_notes_cost_under_the_chords_that_sound_then() -> None:
    # Given the merge of a triad of G major in quarter notes on the third beat, and a pitch on its own
    rows = ("Pitch_67", "Pitch_71", "Pitch_74")
    triad = merged("Position_24", *chain.from_iterable((pitch, "Duration_12") for pitch in rows))
    alone = VOCABULARY.ids["Pitch_62"]

    assert [costs(0, *chords)[triad] for chords in ((C,), (C, G), (G,), (Chord(0, 4, "m"),))] == [16.0, 0.0, 0.0, 8.0]
    assert [costs(place, C)[alone] for place in (0, 12, 13)] == [4.0, 2.0, 1.0]
    assert [costs(place, C, G)[alone] for place in (13, 24)] == [1.0, 0.0]


def test_nothing_costs_before_the_first_chord() -> None:
    assert not LANGUAGE.consonance.costs(Harmony((), 12), VOICE, 0).any()
    assert costs(0, G)[VOCABULARY.ids["Pitch_61"]] == 0.0


def test_a_foreign_pitch_is_not_made_long() -> None:
    lengths = LANGUAGE.consonance.costs_of_lengths(Harmony((C,), 12), VOICE, 13, 62)

    assert [lengths[VOCABULARY.ids[name]] for name in ("Duration_6", "Duration_12", "Duration_48")] == [0.0, 7.0, 7.0]


def test_an_accompaniment_leans_to_its_chord_everywhere_and_a_melody_on_beats_only() -> None:
    between = (*HEADING, "Bar_4", "Chord_0 ", "Track_0", "Position_6")

    assert offset(after(job(BASS), *between), "Pitch_38") == -5.0
    assert offset(after(job(BASS), *between), "Pitch_40") == 0.0
    assert offset(after(job(MELODY), *between), "Pitch_74") == 0.0
    assert offset(after(job(MELODY), *between[:-1], "Position_0"), "Pitch_74") == -4.0
    assert offset(after(job(BASS), *between), "Pitch_38", Leaning(consonance=0.5)) == -2.5
    assert offsets_of(after(job(DRUMS), *between), LANGUAGE, USUAL) is None


def test_a_chord_that_began_in_an_earlier_bar_sounds_on() -> None:
    parser = after(job(BASS, start=1), *HEADING, "Bar_3", "Chord_7 ", "Track_0", "Position_6", "Pitch_43")
    held = after(job(BASS, start=1), *HEADING, "Bar_3", "Track_0", "Position_6")

    assert parser.harmony(0) == Harmony((C,), 12)
    assert parser.harmony(1) == Harmony((Chord(0, 7, ""),), 12)
    assert held.harmony(1) == Harmony((C,), 12)


def test_keys_beyond_an_instrument_are_unlikely_where_its_compass_is_known() -> None:
    low, high = compasses([BASS, DRUMS, Track("pad", 95, False)], -2)[0]
    place = (*HEADING, "Bar_4", "Chord_0 ", "Track_0", "Position_0")

    bound = after(replace(job(BASS), compasses={0: (36, 48)}), *place)

    assert (low, high) == (30, 54)
    assert list(compasses([DRUMS, PIANO], 0)) == [1]
    assert [offset(bound, f"Pitch_{pitch}") for pitch in (24, 36, 48, 60)] == [-4.0, 0.0, 0.0, -4.0]


def test_the_chords_of_a_first_occurrence_come_again() -> None:
    first = (*HEADING, "Bar_4", "Chord_0 ", "Track_0", "Position_0", "Pitch_36", "Duration_12")
    second = ("Bar_3", "Chord_7 ", "Track_0", "Position_0", "Pitch_43", "Duration_12")
    back = after(job(BASS), *first, *second, *HEADING, "Bar_2")

    assert offset(back, "Chord_0 ") == 8.0
    assert offset(back, "Chord_7 ") == 0.0
    assert offset(back, "Chord_0 ", Leaning(returns=0.0)) == 0.0
    back = after(job(BASS), *first, *second, *HEADING, "Bar_2", "Chord_0 ", "Track_0", "Repeat_0", "Bar_1")
    assert offset(back, "Chord_7 ") == 1.5


def test_a_part_comes_again_over_the_chords_of_then_and_not_over_others() -> None:
    known = {(0, 0): bass_part(0), (1, 0): bass_part(7)}
    wanted = replace(job(BASS, start=2), known=known)

    over_the_same = after(wanted, *HEADING, "Bar_2", "Chord_0 ", "Track_0")
    over_another = after(wanted, *HEADING, "Bar_2", "Chord_5 ", "Track_0")

    assert offset(over_the_same, "Repeat_0") == 4.0
    assert offset(over_the_same, "Repeat_2") == 0.0
    # C fits to F major, and the G on the third beat does not.
    assert offset(over_another, "Repeat_0") == -5.0
    assert offset(over_another, "Repeat_1") == -10.0


def test_repaints_and_variations_do_not_lean_to_what_was() -> None:
    # Given a song whose second half is its first one again, and a model of chance
    score = score_of()

    far, near = (Manner(5, taste=Taste(leaning=Leaning(returns=weight))) for weight in (2.0, 0.0))

    for fields in ({"kind": "repaint", "from_seconds": 8.5, "to_seconds": 12}, {"kind": "vary", "amount": 1.0}):
        edit = edit_of(score, **fields)
        assert written(BRIEF, edit, far) == written(BRIEF, edit, near)


def test_options_say_how_far_to_lean() -> None:
    assert options_from_json("{}").taste.leaning == USUAL
    chosen = options_from_json('{"consonance":0,"returns":0.5,"compass":2}').taste.leaning
    assert chosen == Leaning(0.0, 0.5, 2.0)
    with pytest.raises(OptionsError, match="consonance"):
        options_from_json('{"consonance":3}')


def test_who_leans_nowhere_takes_the_model_as_it_is() -> None:
    taste = Taste(leaning=NOWHERE)

    assert written(BRIEF, manner=Manner(5, taste=taste)).score != written(BRIEF).score


def test_a_language_knows_its_notes_by_token() -> None:
    language = Language(VOCABULARY, LANGUAGE.tokenizer)
    whole = language.consonance.beyond(128, 0, 1.0)

    counted = [sum(VOCABULARY.kind(base) == "Pitch" for base in row) for row in LANGUAGE.tokenizer.expansions]

    assert isinstance(language.consonance, Consonance)
    np.testing.assert_array_equal(whole, np.array(counted, np.float32))
    assert chords_part(0).notes[0].pitch == song().bars[0].parts[0].notes[0].pitch  # type: ignore[union-attr]
