"""The JSON form of a Score: it survives a round trip, and every wrong field is named."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from triton_models.composer.brief import Brief
from triton_models.composer.composer import compose
from triton_models.score.document import ScoreError, from_json, to_json

Document = dict[str, Any]


def a_document() -> Document:
    document: Document = json.loads(to_json(compose(Brief("pop", 12.0, 5))))
    return document


def test_a_score_survives_a_round_trip() -> None:
    score = compose(Brief("jazz", 20.0, 1))

    assert from_json(to_json(score)) == score


def test_bytes_are_read_too_and_unknown_fields_ignored() -> None:
    document = a_document() | {"invented_later": 1}

    assert from_json(json.dumps(document).encode()).genre == "pop"


def put(*path: str | int, value: object) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        place: Any = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


def drop(name: str) -> Callable[[Document], None]:
    return lambda document: document.pop(name)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (put("schema", value="cadenza.score/9"), "schema"),
        (drop("title"), "title"),
        (put("title", value=3), "title"),
        (put("seed", value=-1), "seed"),
        (put("seed", value=True), "seed"),
        (put("key", value="C major"), "key"),
        (put("key", "tonic", value="H"), "key.tonic"),
        (put("key", "mode", value="locrian"), "key.mode"),
        (put("tempo_map", value=[]), "tempo_map"),
        (put("tempo_map", 0, "beat", value=1.0), "tempo_map"),
        (put("tempo_map", 0, "qpm", value=0), "tempo_map[0].qpm"),
        (put("tempo_map", value=[{"beat": 0, "qpm": 90}, {"beat": 0, "qpm": 95}]), "tempo_map"),
        (put("meter_map", 0, "denominator", value=6), "meter_map[0].denominator"),
        (put("meter_map", 0, "numerator", value=4.5), "meter_map[0].numerator"),
        (put("sections", 0, "start", value=1.0), "sections[0].start"),
        (put("sections", 0, "end", value=0.0), "sections[0].end"),
        (put("sections", value={}), "sections"),
        (put("chords", 0, "symbol", value=None), "chords[0].symbol"),
        (put("chords", 0, "start", value="0"), "chords[0].start"),
        (put("tracks", 0, "role", value="lead"), "tracks[0].role"),
        (put("tracks", 0, "program", value=128), "tracks[0].program"),
        (put("tracks", 0, "volume", value=1.5), "tracks[0].volume"),
        (put("tracks", 0, "pan", value=-2), "tracks[0].pan"),
        (put("tracks", 0, "is_drum", value=0), "tracks[0].is_drum"),
        (put("tracks", 0, "id", value=""), "tracks[0].id"),
        (put("tracks", 1, "id", value="melody"), "tracks[1].id"),
        (put("tracks", 0, "notes", 2, value=[0.0, 1.0, 60]), "tracks[0].notes[2]"),
        (put("tracks", 0, "notes", 0, value=[0.0, 1.0, 128, 90]), "tracks[0].notes[0]"),
        (put("tracks", 0, "notes", 0, value=[0.0, 0.0, 60, 90]), "tracks[0].notes[0]"),
        (put("tracks", 0, "notes", 0, value=[0.0, 1.0, 60, 0]), "tracks[0].notes[0]"),
        (put("tracks", 0, "notes", 0, value=[-1.0, 1.0, 60, 90]), "tracks[0].notes[0]"),
        (put("tracks", 0, "notes", 0, value=[True, 1.0, 60, 90]), "tracks[0].notes[0]"),
        (put("tracks", 0, "notes", 1, value=[0.0, 9999.0, 60, 90]), "tracks[0].notes[1]"),
        (put("duration_beats", value=float("nan")), "duration_beats"),
        (put("duration_beats", value=float("inf")), "duration_beats"),
    ],
)
def test_a_wrong_field_is_named(change: Callable[[Document], None], field: str) -> None:
    # given a valid score with one field spoiled
    document = a_document()
    change(document)

    # when it is read
    with pytest.raises(ScoreError) as failure:
        from_json(json.dumps(document))

    # then the error names that field
    assert failure.value.field == field
    assert str(failure.value).startswith(field)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", b"\xff\xfe", "[" * 100_000])
def test_what_is_no_json_object_is_refused(text: str | bytes) -> None:
    with pytest.raises(ScoreError) as failure:
        from_json(text)

    assert failure.value.field == "document"


def test_notes_out_of_order_are_refused() -> None:
    document = a_document()
    document["tracks"][0]["notes"] = [[4.0, 1.0, 60, 90], [2.0, 1.0, 62, 90]]

    with pytest.raises(ScoreError, match="must not start before"):
        from_json(json.dumps(document))
