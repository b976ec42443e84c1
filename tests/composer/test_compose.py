"""What holds for every genre: a valid score inside its duration, exact to the brief and the seed."""

import json
import subprocess
import sys
import time
from itertools import product

import pytest

from tests.composer.measures import bar_quarters, last_sound, overlapping_pitches, tracks_of
from triton_models.composer.brief import Brief
from triton_models.composer.composer import compose
from triton_models.composer.genres import GENRES
from triton_models.composer.instruments import INSTRUMENTS
from triton_models.composer.meter import METERS
from triton_models.score.document import from_json, to_json
from triton_models.score.midi import to_midi
from triton_models.score.model import MODES, Key, MeterChange, Mode

EVERY_GENRE = pytest.mark.parametrize("genre", GENRES)


@EVERY_GENRE
@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4])
def test_a_score_is_valid_and_ends_in_time(genre: str, seed: int) -> None:
    score = compose(Brief(genre, 5.0 + 17.0 * seed, seed))

    assert from_json(to_json(score)) == score
    assert 5.0 + 17.0 * seed - 0.01 <= score.duration_seconds <= 5.0 + 17.0 * seed
    assert last_sound(score) <= score.beat_at(score.duration_seconds - 0.55)
    for track in score.tracks:
        assert track.notes
        assert overlapping_pitches(track) == []
        assert all(note.start >= 0 and note.end <= score.duration_beats for note in track.notes)


@EVERY_GENRE
def test_melodic_notes_are_within_the_instrument(genre: str) -> None:
    for seed in range(3):
        for track in compose(Brief(genre, 30.0, seed)).tracks:
            instrument = INSTRUMENTS[track.name.lower()]
            assert all(instrument.low <= note.pitch <= instrument.high + 12 for note in track.notes)
            if track.role in ("melody", "counter"):
                assert all(note.pitch <= instrument.high for note in track.notes)


@EVERY_GENRE
def test_the_same_brief_and_seed_give_the_same_bytes(genre: str) -> None:
    first, second = compose(Brief(genre, 40.0, 11)), compose(Brief(genre, 40.0, 11))

    assert to_json(first) == to_json(second)
    assert to_midi(first) == to_midi(second)


def test_another_process_gives_the_same_bytes() -> None:
    # given a score composed here
    here = to_json(compose(Brief("jazz", 20.0, 8)))

    # when a fresh interpreter with other string hashes composes it
    program = (
        "from triton_models.composer.brief import Brief;"
        "from triton_models.composer.composer import compose;"
        "from triton_models.score.document import to_json;"
        "print(to_json(compose(Brief('jazz', 20.0, 8))))"
    )
    there = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    # then it is the same
    assert there.rstrip("\n") == here


@EVERY_GENRE
def test_seeds_give_clearly_different_pieces(genre: str) -> None:
    pieces = [compose(Brief(genre, 30.0, seed)) for seed in range(10)]
    tunes = {
        tuple(note.pitch - track.notes[0].pitch for note in track.notes[:16])
        for piece in pieces
        for track in tracks_of(piece, "melody")
    }

    assert len({to_json(piece) for piece in pieces}) == 10
    assert len({(piece.key, piece.tempo_map[0].qpm) for piece in pieces}) >= 5
    assert len({tuple(chord.symbol for chord in piece.chords) for piece in pieces}) >= 8
    assert len(tunes) >= 0.7 * sum(len(tracks_of(piece, "melody")) for piece in pieces)


@pytest.mark.parametrize(("meter", "bpm"), [*product(METERS, (30.0, 66.5, 128.0, 240.0))])
def test_tempo_and_meter_are_exact(meter: str, bpm: float) -> None:
    for genre in ("pop", "jazz", "techno", "celtic"):
        score = compose(Brief(genre, 24.0, 6, bpm=bpm, meter=meter))
        pulse = 1.5 if meter in ("6/8", "12/8") else 1.0
        numerator, denominator = (int(part) for part in meter.split("/"))

        assert [change.qpm for change in score.tempo_map] == [bpm * pulse]
        assert score.meter_map == (MeterChange(0.0, numerator, denominator),)
        assert from_json(to_json(score)) == score


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("tonic", ["C", "Eb", "F#", "G#"])
def test_the_key_is_exact(tonic: str, mode: Mode) -> None:
    for genre in ("pop", "blues", "jazz", "techno", "waltz"):
        key = Key(tonic, mode)
        score = compose(Brief(genre, 15.0, 2, key=key))

        assert score.key == key
        assert from_json(to_json(score)) == score


def test_title_mood_and_seed_are_taken_over() -> None:
    score = compose(Brief("pop", 15.0, 77, mood="wistful", title="Harbour lights"))

    assert (score.title, score.mood, score.seed, score.genre) == ("Harbour lights", "wistful", 77, "pop")


def test_a_missing_title_is_invented_by_seed() -> None:
    titles = {compose(Brief("pop", 6.0, seed)).title for seed in range(30)}

    assert len(titles) >= 20
    assert all(2 <= len(title.split()) <= 5 for title in titles)


def test_free_tempo_and_meter_are_of_the_genre() -> None:
    for genre, seed in product(("house", "metal", "trap"), range(6)):
        low, high = GENRES[genre].bpm
        assert low <= compose(Brief(genre, 30.0, seed)).tempo_map[0].qpm <= high
    assert {compose(Brief("waltz", 20.0, seed)).meter_map[0].numerator for seed in range(5)} == {3}
    assert {compose(Brief("celtic", 20.0, seed)).meter_map[0].denominator for seed in range(5)} == {8}


def test_moods_steer_mode_and_tempo() -> None:
    sad = [compose(Brief("pop", 10.0, seed, mood="sad")) for seed in range(20)]
    happy = [compose(Brief("pop", 10.0, seed, mood="joyful")) for seed in range(20)]

    assert sum(score.key.is_minor for score in sad) >= 17
    assert sum(score.key.is_minor for score in happy) <= 3
    assert sum(s.tempo_map[0].qpm for s in happy) > sum(s.tempo_map[0].qpm for s in sad)


def test_chords_change_on_bar_lines() -> None:
    for genre in ("pop", "celtic", "jazz"):
        score = compose(Brief(genre, 45.0, 3))
        assert all((chord.start / bar_quarters(score)).is_integer() for chord in score.chords)


def test_the_longest_piece_is_composed() -> None:
    score = compose(Brief("ambient", 3600.0, 1))

    assert score.duration_seconds == pytest.approx(3600.0, abs=0.01)
    assert last_sound(score) < score.duration_beats


def test_three_minutes_take_well_under_300_ms() -> None:
    compose(Brief("funk", 180.0, 0))
    spans = []
    for _ in range(3):
        begin = time.process_time()
        compose(Brief("funk", 180.0, 3))
        spans.append(time.process_time() - begin)

    assert min(spans) < 0.3


def test_importing_the_composer_pulls_in_nothing_heavy() -> None:
    program = "import sys, json, triton_models.composer.composer; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout)

    assert {"scipy", "torch", "onnxruntime", "pydantic"}.isdisjoint(loaded)
