"""Edits that cannot be done are refused with a sentence that a person understands."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.score_writer.scenes import document_of, score_of
from triton_models.score.model import MeterChange, Score, TempoChange
from triton_models.score_writer.edits import EditError, parse_edit

SCORE = score_of()


def with_tracks(count: int) -> Score:
    tracks = tuple(replace(SCORE.tracks[0], id=f"track-{number}") for number in range(count))
    return replace(SCORE, tracks=tracks)


@pytest.mark.parametrize(
    "score, fields, sentence",
    [
        (SCORE, {"kind": "remix"}, "kind must be one of extend, repaint, layer, vary, not 'remix'"),
        (SCORE, {"kind": "extend", "seconds": 0}, "seconds must be between 1 and 3600, not 0"),
        (SCORE, {"kind": "extend", "seconds": 3599}, "seconds would make the song longer than 3600 s"),
        (
            SCORE,
            {"kind": "repaint", "from_seconds": 9, "to_seconds": 3},
            "to_seconds must be after from_seconds, within the 16.2 s of the song",
        ),
        (SCORE, {"kind": "repaint", "from_seconds": 0, "to_seconds": 99}, "to_seconds must be between 0 and 17.25"),
        (SCORE, {"kind": "layer", "instrument": "theremin"}, "instrument is not known: 'theremin'"),
        (
            with_tracks(8),
            {"kind": "layer", "instrument": "violin"},
            "instrument finds no room: the song has 8 tracks, as many as this model writes",
        ),
        (
            with_tracks(9),
            {"kind": "vary", "amount": 1},
            "score.tracks has 9 tracks that play, this model reads 8 at most",
        ),
        (SCORE, {"kind": "vary", "amount": 1.5}, "amount must be between 0 and 1, not 1.5"),
        (
            replace(SCORE, tempo_map=(TempoChange(0, 90), TempoChange(8, 100))),
            {"kind": "vary", "amount": 1},
            "score changes its tempo, which this model cannot read",
        ),
        (
            replace(SCORE, meter_map=(MeterChange(0, 11, 8),)),
            {"kind": "vary", "amount": 1},
            "score has the meters 11/8, which this model cannot read",
        ),
        (replace(SCORE, tracks=()), {"kind": "vary", "amount": 1}, "score has no notes, which this model cannot read"),
    ],
)
def test_what_cannot_be_done_is_said(score: Score, fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(EditError) as refused:
        parse_edit(document_of(score, **fields))

    assert str(refused.value).startswith(sentence)


def test_a_wrong_score_is_named_by_its_place_in_the_edit() -> None:
    score = {"schema": "cadenza.score/1", "duration_beats": 4}
    edit = {"schema": "cadenza.edit/1", "kind": "vary", "amount": 1, "score": score}

    with pytest.raises(EditError, match=r"^score\.title is missing"):
        parse_edit(json.dumps(edit))
