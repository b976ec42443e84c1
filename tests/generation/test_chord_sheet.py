"""Chord sheets, checked against scores written by hand and by the composer."""

import json
import math
from typing import Any

import pytest

from domain.generation.chord_sheet import chord_sheet
from domain.kit.errors import EngineRefused
from triton_models.composer.brief import Brief
from triton_models.composer.composer import compose
from triton_models.score.document import to_json


def score(**fields: Any) -> bytes:
    """Two bars of 4/4 in A minor."""
    document = {
        "title": "Rain",
        "genre": "jazz",
        "mood": "",
        "key": {"tonic": "A", "mode": "minor"},
        "tempo_map": [{"beat": 0, "qpm": 90.0}],
        "meter_map": [{"beat": 0, "numerator": 4, "denominator": 4}],
        "sections": [{"name": "verse", "start": 0, "end": 8}],
        "chords": [chord(0, 4, "Am7"), chord(4, 4, "Dm7")],
        "tracks": [],
        "duration_beats": 8.0,
        **fields,
    }
    return json.dumps(document).encode()


def chord(start: float, duration: float, symbol: str) -> dict[str, Any]:
    return {"start": start, "duration": duration, "symbol": symbol}


def grid(document: bytes) -> list[str]:
    """The lines of bars."""
    text = chord_sheet(document, "Rain", "Ada").decode()
    return [line for line in text.splitlines() if line.startswith("|")]


def test_a_sheet_says_what_is_played_and_then_section_by_section() -> None:
    sections = [{"name": "intro", "start": 0, "end": 4}, {"name": "verse", "start": 4, "end": 8}]
    assert chord_sheet(score(sections=sections), "Rain {live}", "Ada").decode() == (
        "{title: Rain (live)}\n{artist: Ada}\n{key: Am}\n{time: 4/4}\n{tempo: 90}\n"
        '\n{start_of_grid label="Intro"}\n| Am7 . . . |\n{end_of_grid}\n'
        '\n{start_of_grid label="Verse"}\n| Dm7 . . . |\n{end_of_grid}\n'
    )


@pytest.mark.parametrize(
    ("chords", "line"),
    [
        ([], "| N.C. . . . | N.C. . . . |"),
        ([chord(2, 6, "C")], "| N.C. . C . | C . . . |"),
        ([chord(0, 2, "C"), chord(2, 2, "C"), chord(4, 4, "")], "| C . . . | N.C. . . . |"),
        # what comes half a beat early stands in its own cell
        ([chord(0, 3.5, "C"), chord(3.5, 4.5, "F")], "| C . . F | F . . . |"),
        ([chord(0, 0.5, "C"), chord(0.5, 7.5, "F")], "| C F . . . . . . | F . . . |"),
        ([chord(0, 3, "C"), chord(3, 0.5, "F"), chord(3.5, 4.5, "G")], "| C . . . . . F G | G . . . |"),
    ],
)
def test_each_chord_stands_where_it_comes(chords: list[dict[str, Any]], line: str) -> None:
    assert grid(score(chords=chords)) == [line]


@pytest.mark.parametrize(
    ("numerator", "denominator", "bar"),
    [(3, 4, "C . ."), (6, 8, "C ."), (12, 8, "C . . ."), (7, 8, "C . . . . . ."), (5, 4, "C . . . .")],
)
def test_a_cell_is_a_beat_of_the_meter(numerator: int, denominator: int, bar: str) -> None:
    length = numerator * 4 / denominator
    meters = [{"beat": 0, "numerator": numerator, "denominator": denominator}]
    sections = [{"name": "verse", "start": 0, "end": 5 * length}]
    document = score(meter_map=meters, sections=sections, chords=[chord(0, 5 * length, "C")], duration_beats=5 * length)
    # four bars in a line
    assert grid(document) == [f"| {' | '.join([bar] * 4)} |", f"| {bar} |"]


def test_bars_follow_a_change_of_meter_and_what_rings_out_is_left_out() -> None:
    meters = [{"beat": 0, "numerator": 4, "denominator": 4}, {"beat": 4, "numerator": 3, "denominator": 4}]
    sections = [{"name": "verse", "start": 0, "end": 7}]
    assert grid(score(meter_map=meters, sections=sections)) == ["| Am7 . . . | Dm7 . . |"]


def test_a_score_without_a_form_is_one_piece() -> None:
    assert 'label="Song"' in chord_sheet(score(sections=[]), "Rain", "Ada").decode()


@pytest.mark.parametrize(
    ("tonic", "mode", "shown"),
    [("F#", "major", "F#"), ("Bb", "dorian", "Bbm"), ("C", "lydian", "C"), ("E", "harmonic_minor", "Em")],
)
def test_keys_are_told_as_chords(tonic: str, mode: str, shown: str) -> None:
    sheet = chord_sheet(score(key={"tonic": tonic, "mode": mode}), "Rain", "Ada").decode()
    assert f"{{key: {shown}}}" in sheet


def test_every_section_of_a_composed_song_has_its_bars() -> None:
    song = compose(Brief(genre="waltz", duration_seconds=60, seed=7))
    sheet = chord_sheet(to_json(song).encode(), song.title, "Ada").decode()
    assert sheet.count("{start_of_grid") == len(song.sections)
    bars = sum(line.count("|") - 1 for line in sheet.splitlines() if line.startswith("|"))
    assert bars == math.ceil(song.sections[-1].end / 3)


@pytest.mark.parametrize("document", [b"no score", b"{}", score(chords=[{}]), score(sections=[{}])])
def test_what_is_no_score_is_refused(document: bytes) -> None:
    with pytest.raises(EngineRefused) as refusal:
        chord_sheet(document, "Rain", "Ada")
    assert refusal.value.engine_code == "INVALID_SCORE"
