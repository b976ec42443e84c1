"""The composer as a source of corpora: varied briefs by seed, their words, and the files that are written."""

import gzip
import json
import sys
from pathlib import Path

import pytest

from triton_models.composer.__main__ import document_of, instruments, line_of, main, write
from triton_models.composer.brief import Brief, parse_brief
from triton_models.composer.brief_sampling import LONGEST, SHORTEST, sample_brief
from triton_models.composer.brief_words import prompt_of
from triton_models.composer.composer import compose
from triton_models.composer.genres import GENRES
from triton_models.composer.instruments import INSTRUMENTS
from triton_models.composer.meter import METERS
from triton_models.composer.moods import MOODS
from triton_models.score.document import from_json
from triton_models.score.model import MODES, Key


def test_the_seeds_cover_all_that_a_brief_can_say() -> None:
    briefs = [sample_brief(seed) for seed in range(2000)]

    assert {brief.genre for brief in briefs} == set(GENRES)
    assert {brief.mood for brief in briefs} == {None, *MOODS}
    assert {brief.meter for brief in briefs} == {None, *METERS}
    assert {brief.key.mode for brief in briefs if brief.key} == set(MODES)
    assert {name for brief in briefs for name in brief.instruments} == set(INSTRUMENTS)
    assert {name for brief in briefs for name in brief.excluded_instruments} == set(INSTRUMENTS)
    assert all(SHORTEST <= brief.duration_seconds <= LONGEST for brief in briefs)
    assert {brief.bpm is None for brief in briefs} == {True, False}
    assert {brief.sections is None for brief in briefs} == {True, False}


def test_every_sampled_brief_is_a_valid_document() -> None:
    for seed in range(300):
        brief = sample_brief(seed)

        assert parse_brief(json.dumps(document_of(brief))) == brief


def test_words_say_what_the_brief_says_and_nothing_else() -> None:
    # Given a brief that names everything and one that names the genre only
    full = Brief("waltz", 30, 5, "sad", 90, Key("F#", "harmonic_minor"), "3/4", ("piano", "flute"), ("drums",), 0.9)
    bare = Brief("waltz", 30, 5)

    words = prompt_of(full)

    assert all(word in words for word in ("waltz", "sad", "90", "F# harmonic minor", "3/4", "piano and flute", "drums"))
    assert prompt_of(full) == words
    assert prompt_of(bare).split() == ["waltz"] or prompt_of(bare).split()[1:] in (
        ["track"],
        ["song"],
        ["piece"],
        ["instrumental"],
    )


def test_a_line_holds_the_brief_its_words_and_the_piece_that_it_gives() -> None:
    row = json.loads(line_of(sample_brief(3)) or "")

    assert parse_brief(json.dumps(row["brief"])) == sample_brief(3)
    assert row["prompt"] == prompt_of(sample_brief(3))
    assert from_json(json.dumps(row["score"])) == compose(sample_brief(3))


def test_equal_briefs_give_equal_files(tmp_path: Path) -> None:
    # Given files of the same briefs in two folders
    briefs = [sample_brief(seed) for seed in (4, 5)]
    one, two = tmp_path / "one" / "pieces.jsonl.gz", tmp_path / "two" / "pieces.jsonl.gz"

    assert (write(briefs, one), write(briefs, two)) == (2, 2)

    lines = gzip.decompress(one.read_bytes()).splitlines()
    assert one.read_bytes() == two.read_bytes()
    assert [json.loads(line)["brief"]["seed"] for line in lines] == [4, 5]


def test_a_brief_that_leaves_nothing_to_play_gives_no_line() -> None:
    assert line_of(Brief("waltz", 20, 1, excluded_instruments=tuple(INSTRUMENTS))) is None


def test_the_command_writes_by_seed_and_for_briefs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = tmp_path / "briefs.jsonl"
    wanted.write_text(json.dumps(document_of(sample_brief(9))) + "\n")

    for options in (["--seeds", "9:10"], ["--briefs", str(wanted)]):
        monkeypatch.setattr(sys, "argv", ["composer", *options, "--out", str(tmp_path)])
        assert main() == 0

    by_seed, for_briefs = tmp_path / "pieces-00000009-00000010.jsonl.gz", tmp_path / "pieces-briefs.jsonl.gz"
    assert by_seed.read_bytes() == for_briefs.read_bytes()
    assert capsys.readouterr().out == "1 pieces, 0 left out\n" * 2
    assert json.loads((tmp_path / "instruments.json").read_text()) == instruments()


def test_a_wrong_brief_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = tmp_path / "briefs.jsonl"
    wanted.write_text('{"schema": "cadenza.brief/1", "genre": "noise"}\n')
    monkeypatch.setattr(sys, "argv", ["composer", "--briefs", str(wanted), "--out", str(tmp_path / "out")])

    assert main() == 1

    assert "genre must be one of" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_instruments_stand_for_programs_or_kits() -> None:
    assert instruments()["piano"] == {"programs": [0, 1], "is_drum": False}
    assert instruments()["brushed drums"] == {"programs": [40], "is_drum": True}
    assert 40 not in instruments()["drums"]["programs"]  # type: ignore[operator]
