"""Who plays: wanted instruments have real parts, excluded ones never sound."""

from itertools import combinations

import pytest

from tests.composer.measures import notes_in, tracks_of
from triton_models.composer.brief import Brief, BriefError
from triton_models.composer.composer import compose
from triton_models.composer.genres import GENRES
from triton_models.composer.instruments import INSTRUMENTS
from triton_models.score.model import Score


def played(score: Score) -> set[str]:
    return {track.name.lower() for track in score.tracks}


@pytest.mark.parametrize("name", INSTRUMENTS)
@pytest.mark.parametrize("genre", ["pop", "metal", "classical piano"])
def test_a_wanted_instrument_plays_a_real_part(name: str, genre: str) -> None:
    score = compose(Brief(genre, 45.0, 5, instruments=(name,)))
    track = next(track for track in score.tracks if track.name.lower() == name)

    assert track.role in (*INSTRUMENTS[name].roles, "counter")
    for section in score.sections:
        if section.name not in ("intro", "breakdown"):
            assert notes_in(track, section), f"{name} rests in the {section.name}"


@pytest.mark.parametrize("genre", GENRES)
def test_several_wanted_instruments_all_play(genre: str) -> None:
    wanted = ("cello", "violin", "piano", "flute", "acoustic guitar", "upright bass", "choir", "percussion")
    score = compose(Brief(genre, 40.0, 1, instruments=wanted))

    assert set(wanted) <= played(score)
    assert len({track.id for track in score.tracks}) == len(score.tracks)


@pytest.mark.parametrize("genre", GENRES)
def test_twelve_wanted_instruments_fit_a_midi_file(genre: str) -> None:
    for offset in range(0, len(INSTRUMENTS) - 12, 6):
        wanted = tuple(INSTRUMENTS)[offset : offset + 12]
        score = compose(Brief(genre, 20.0, 1, instruments=wanted))

        assert set(wanted) <= played(score)
        assert sum(not track.is_drum for track in score.tracks) <= 15


@pytest.mark.parametrize("genre", GENRES)
def test_excluded_instruments_never_sound(genre: str) -> None:
    # given everything that this genre plays by itself over some seeds
    own = set().union(*(played(compose(Brief(genre, 20.0, seed))) for seed in range(5)))

    # when all of it is excluded
    score = compose(Brief(genre, 20.0, 0, excluded_instruments=tuple(own)))

    # then others step in
    assert played(score).isdisjoint(own)
    assert any(not track.is_drum for track in score.tracks)


@pytest.mark.parametrize("genre", GENRES)
def test_without_drums_there_is_no_drum_track(genre: str) -> None:
    for seed in range(4):
        score = compose(Brief(genre, 20.0, seed, excluded_instruments=("drums",)))
        assert not any(track.is_drum for track in score.tracks)


@pytest.mark.parametrize("genre", GENRES)
@pytest.mark.parametrize("meter", ["4/4", "3/4", "6/8", "12/8", "5/4", "7/8"])
def test_wanted_drums_play_in_every_genre_and_meter(genre: str, meter: str) -> None:
    score = compose(Brief(genre, 30.0, 2, meter=meter, instruments=("drums",)))
    kit = tracks_of(score, "drums")[0]

    assert (kit.bank, kit.is_drum) == (128, True)
    assert len(kit.notes) >= 30
    assert all(35 <= note.pitch <= 81 for note in kit.notes)


def test_brushes_play_the_brush_kit() -> None:
    score = compose(Brief("pop", 20.0, 2, instruments=("brushed drums",)))

    assert [track.program for track in tracks_of(score, "drums")] == [40]


def test_excluding_everything_melodic_is_refused_by_name() -> None:
    with pytest.raises(BriefError) as failure:
        compose(Brief("pop", 20.0, 2, excluded_instruments=tuple(INSTRUMENTS)))

    assert failure.value.field == "excluded_instruments"


def test_two_leads_become_melody_and_counter_melody() -> None:
    for pair in combinations(("violin", "flute", "trumpet"), 2):
        score = compose(Brief("folk", 30.0, 3, instruments=pair))
        roles = {track.name.lower(): track.role for track in score.tracks}

        assert roles[pair[0]] == "melody"
        assert roles[pair[1]] == "counter"


def test_a_second_player_of_chords_has_a_part_of_its_own() -> None:
    score = compose(Brief("pop", 40.0, 3, instruments=("flute", "piano", "acoustic guitar")))
    piano, guitar = tracks_of(score, "chords")

    assert {piano.name, guitar.name} == {"Piano", "Acoustic guitar"}
    assert [note.start for note in piano.notes] != [note.start for note in guitar.notes]


def test_the_mix_spreads_parts_and_keeps_the_bass_in_the_middle() -> None:
    for seed in range(5):
        score = compose(Brief("pop", 30.0, seed))
        assert tracks_of(score, "bass")[0].pan == 0.0
        assert len({track.pan for track in score.tracks}) >= 3
