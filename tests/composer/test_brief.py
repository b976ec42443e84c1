"""Reading briefs: what is valid, and which field is named when something is not."""

import json

import pytest

from triton_models.composer.brief import Brief, BriefError, parse_brief
from triton_models.score.model import Key

SMALLEST = {"schema": "cadenza.brief/1", "genre": "pop", "duration_seconds": 30, "seed": 1}


def brief_text(**fields: object) -> str:
    return json.dumps(SMALLEST | fields)


def test_the_smallest_brief_leaves_everything_open() -> None:
    assert parse_brief(brief_text()) == Brief("pop", 30.0, 1)


def test_a_full_brief_is_read() -> None:
    text = brief_text(
        mood="calm",
        bpm=82.5,
        key={"tonic": "F#", "mode": "dorian"},
        meter="6/8",
        instruments=["piano", "flute", "piano"],
        excluded_instruments=["drums"],
        energy=0.4,
        sections=["intro", "verse"],
        title=" Sea ",
        instrumental=False,
    )

    assert parse_brief(text.encode()) == Brief(
        genre="pop",
        duration_seconds=30.0,
        seed=1,
        mood="calm",
        bpm=82.5,
        key=Key("F#", "dorian"),
        meter="6/8",
        instruments=("piano", "flute"),
        excluded_instruments=("drums",),
        energy=0.4,
        sections=("intro", "verse"),
        title="Sea",
        instrumental=False,
    )


@pytest.mark.parametrize(
    "name", ["mood", "bpm", "key", "meter", "instruments", "excluded_instruments", "energy", "sections", "title"]
)
def test_null_means_open(name: str) -> None:
    assert parse_brief(brief_text(**{name: None})) == Brief("pop", 30.0, 1)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"schema": "cadenza.brief/2"}, "schema"),
        ({"genre": "polka"}, "genre"),
        ({"genre": None}, "genre"),
        ({"duration_seconds": 4.9}, "duration_seconds"),
        ({"duration_seconds": 3601}, "duration_seconds"),
        ({"duration_seconds": "30"}, "duration_seconds"),
        ({"duration_seconds": float("nan")}, "duration_seconds"),
        ({"seed": 1.5}, "seed"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**63}, "seed"),
        ({"mood": 4}, "mood"),
        ({"mood": "x" * 61}, "mood"),
        ({"bpm": 29.9}, "bpm"),
        ({"bpm": 241}, "bpm"),
        ({"bpm": True}, "bpm"),
        ({"key": "Am"}, "key"),
        ({"key": {"tonic": "A"}}, "key.mode"),
        ({"key": {"tonic": "a", "mode": "minor"}}, "key.tonic"),
        ({"meter": "9/8"}, "meter"),
        ({"instruments": "piano"}, "instruments"),
        ({"instruments": ["piano", "theremin"]}, "instruments[1]"),
        ({"instruments": [1]}, "instruments[0]"),
        ({"instruments": ["piano"] * 13}, "instruments"),
        ({"excluded_instruments": ["kazoo"]}, "excluded_instruments[0]"),
        ({"instruments": ["piano"], "excluded_instruments": ["piano"]}, "excluded_instruments"),
        ({"energy": 1.01}, "energy"),
        ({"sections": ["verse", "hook"]}, "sections[1]"),
        ({"title": 7}, "title"),
        ({"instrumental": "yes"}, "instrumental"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, object], field: str) -> None:
    with pytest.raises(BriefError) as failure:
        parse_brief(brief_text(**fields))

    assert failure.value.field == field


@pytest.mark.parametrize("name", ["schema", "genre", "duration_seconds", "seed"])
def test_a_missing_required_field_is_named(name: str) -> None:
    document = {key: value for key, value in SMALLEST.items() if key != name}

    with pytest.raises(BriefError, match=f"^{name} is missing"):
        parse_brief(json.dumps(document))


@pytest.mark.parametrize("text", ["", "{", "[]", b"\xff"])
def test_what_is_no_json_object_is_refused(text: str | bytes) -> None:
    with pytest.raises(BriefError, match=r"^document"):
        parse_brief(text)
