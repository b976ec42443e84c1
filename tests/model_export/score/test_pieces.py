"""From performances to the grid and back: what is kept exactly, and what chance is taken out."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_export.score import keys
from model_export.score.steadying import steady
from tests.model_export.score.builders import BASS, PIANO, bass_part, drums_part, pieces, song
from triton_models.composer.tonality import key_correlations
from triton_models.score.model import MeterChange, TempoChange
from triton_models.score_language import chord_symbols, documents, grid
from triton_models.score_language.documents import Unusable
from triton_models.score_language.music import Bar, Meter, Part, Piece, Section, Track, shift_of
from triton_models.score_language.quantising import Played, perform, quantise

EXAMPLES = settings(max_examples=60, deadline=None, derandomize=True)


@EXAMPLES
@given(pieces())
def test_a_piece_survives_its_document(piece: Piece) -> None:
    assert documents.read(documents.write(piece, "title", 1), piece.text) == piece


@EXAMPLES
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 191), st.integers(24, 100)), st.sampled_from(grid.DURATIONS[:12]), min_size=1
    ),
    st.integers(0, 11),
)
def test_notes_on_the_grid_stay_exactly_where_they_are(wanted: dict[tuple[int, int], int], tonic: int) -> None:
    # Given notes on the grid of which none runs into the next one of its pitch
    apart = {
        (start, pitch): duration
        for (start, pitch), duration in wanted.items()
        if not any(start < other < start + duration and pitch == same for other, same in wanted)
    }
    notes = [Played(start / 12, length / 12, pitch, 80) for (start, pitch), length in sorted(apart.items())]

    parts = quantise(notes, PIANO, 48, 4, shift_of(tonic))

    assert perform(parts, PIANO, 48, shift_of(tonic)) == [note._replace(velocity=84) for note in notes]


def test_human_timing_falls_on_the_sixteenths_triplets_and_swung_eighths_nearby() -> None:
    performed = np.array([0.02, 0.235, 0.35, 0.49, 0.59, 0.655, 0.77, 0.985])

    assert grid.positions(performed).tolist() == [0, 3, 4, 6, 7, 8, 9, 12]


def test_sixty_fourths_are_found_when_they_are_meant() -> None:
    exact = np.array([1 / 12, 2 / 12, 5 / 12, 10 / 12, 11 / 12])

    assert grid.positions(exact).tolist() == [1, 2, 5, 10, 11]


def test_a_note_ends_where_its_pitch_starts_again() -> None:
    (part,) = quantise([Played(0, 2, 60, 80), Played(0.5, 1, 60, 80)], PIANO, 48, 1, 0)

    assert part is not None
    assert [(note.position, note.duration) for note in part.notes] == [(0, 6), (6, 12)]


def test_of_two_notes_in_one_place_the_louder_stays() -> None:
    (part,) = quantise([Played(0, 1, 60, 20), Played(0.01, 1, 60, 90)], PIANO, 48, 1, 0)

    assert part is not None
    assert (part.level, len(part.notes)) == (11, 1)


def test_velocities_come_back_within_half_a_step() -> None:
    velocities = np.array([64, 66, 70, 90, 30])
    level = grid.level_of(velocities)

    heard = [grid.velocity(level, accent) for accent in grid.accents(velocities, level).tolist()]

    assert max(abs(heard - velocities)) <= 10


@pytest.mark.parametrize("tonic", range(12))
def test_the_tonic_moves_to_c_by_the_shorter_way(tonic: int) -> None:
    assert (tonic - shift_of(tonic)) % 12 == 0
    assert -5 <= shift_of(tonic) <= 6


@pytest.mark.parametrize(
    "symbol, meant",
    [
        ("C", (0, "")),
        ("F#m7", (6, "m7")),
        ("Bbmaj7", (10, "maj7")),
        ("Cb", (11, "")),
        ("Gmaj", (7, "")),
        ("Dm(maj7)", (2, "m(maj7)")),
        ("E7/G#", (4, "7")),
        ("Asus4", (9, "sus4")),
        ("N.C.", None),
    ],
)
def test_chord_symbols_are_read(symbol: str, meant: tuple[int, str] | None) -> None:
    assert chord_symbols.read(symbol) == meant


def test_chord_symbols_are_spelled_in_their_key() -> None:
    assert chord_symbols.spell(4, "m7", 2) == "F#m7"
    assert chord_symbols.spell(5, "", 5) == "Bb"


def test_a_scale_speaks_for_its_key() -> None:
    weights = np.zeros(12)
    weights[[2, 4, 6, 7, 9, 11, 1]] = [4, 1, 2, 1, 3, 1, 1]

    assert keys.find_key(weights) == (2, "major")
    assert key_correlations(np.ones(12)).tolist() == [0.0] * 24


def test_changing_meters_and_tempi_are_refused() -> None:
    score = documents.write(song(), "title", 1)

    with pytest.raises(Unusable, match="changes its tempo"):
        documents.read(replace(score, tempo_map=(TempoChange(0, 100), TempoChange(8, 90))))
    with pytest.raises(Unusable, match=r"has the meters 17/16"):
        documents.read(replace(score, meter_map=(MeterChange(0, 17, 16),)))
    with pytest.raises(Unusable, match="has no notes"):
        documents.read(replace(score, tracks=()))


def test_a_bar_that_differs_by_chance_becomes_the_one_before() -> None:
    # Given a bar whose notes are late, longer and louder by one step than one bar earlier
    first = bass_part(0, level=9)
    second = Part(
        8,
        tuple(note._replace(position=note.position + 1, duration=30, accent=note.accent + 1) for note in first.notes),
    )

    steadied = steady(_bass_line(first, second))

    assert [bar.parts[0] for bar in steadied.bars] == [first, first]


def test_a_bar_that_differs_by_more_than_chance_stays() -> None:
    first = bass_part(0)
    others = [
        Part(9, tuple(note._replace(pitch=note.pitch + 1) for note in first.notes)),
        Part(9, tuple(note._replace(position=note.position + 2) for note in first.notes)),
        Part(9, first.notes[:1]),
    ]

    for other in others:
        assert steady(_bass_line(first, other)).bars[1].parts == (other,)


def test_loudness_follows_only_when_it_changes_by_more_than_a_step() -> None:
    levels = [9, 10, 9, 12, 11]
    piece = _bass_line(*(drums_part(level) for level in levels))

    steadied = steady(replace(piece, tracks=(Track("drums", 0, True),)))

    assert [part.level for bar in steadied.bars for part in bar.parts if part] == [9, 9, 9, 12, 12]


def _bass_line(*parts: Part) -> Piece:
    return replace(
        song(),
        meter=Meter(4, 4),
        tracks=(BASS,),
        sections=(Section("verse", len(parts)),),
        bars=tuple(Bar((), (part,)) for part in parts),
    )
