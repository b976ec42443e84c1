"""From composed pieces to a table of numbers, by the commands, with a model of the smallest size."""

import hashlib
import json
import shutil
import sys
from itertools import count, islice
from pathlib import Path

import pytest

from model_export.score import __main__ as command_line
from model_export.score import checkpoint, commands, corpus, output_commands, records, sources
from model_export.score.evaluation.run import Extent, Judged
from model_export.score.records import SPLITS, Split
from model_export.score.runs import LOG, Limits
from model_export.score.sizes import SIZES
from triton_models.composer.__main__ import write
from triton_models.composer.brief_sampling import sample_brief
from triton_models.score.document import from_json
from triton_models.score_writer.windows import Taste


def short_seeds(split: Split, wanted: int) -> list[int]:
    """The first seeds of a split whose pieces are short and are to last some bars."""
    fitting = (seed for seed in count() if corpus.split_of(f"seed {seed}") == split)
    return list(islice((seed for seed in fitting if 20 <= sample_brief(seed).duration_seconds < 60), wanted))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    seeds = [seed for split in SPLITS for seed in short_seeds(split, 12 if split == "train" else 2)]
    write(map(sample_brief, seeds), folder / "composed" / "pieces-0.jsonl.gz")
    commands.build_corpus(folder, None, [], drums_alone=False, processes=1)
    commands.train_tokenizer(folder, 1200)
    return folder


@pytest.fixture(scope="module")
def model(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    limits = Limits(3, validate_every=2, validation_batches=1)
    commands.train(data, folder, SIZES["test"], limits, seed=1, threads=1, half=True)
    return folder


def test_a_corpus_has_its_splits_its_vectors_and_its_merges(data: Path) -> None:
    facts = json.loads((data / corpus.FILE).read_text())
    tokens = json.loads((data / "tokens.json").read_text())

    assert facts["pieces"] == {"train": 12, "validation": 2, "test": 2}
    assert [len(list(records.load(data, split))) for split in SPLITS] == [12, 2, 2]
    assert all((data / f"{split}.texts.npy").is_file() for split in SPLITS)
    assert tokens["tokens"] <= 1200
    assert tokens["tokens_per_bar"] < tokens["base_tokens_per_bar"]


def test_a_training_leaves_a_checkpoint_and_a_log_that_says_what_it_was(data: Path, model: Path) -> None:
    first = json.loads((model / LOG).read_text().splitlines()[0])

    assert checkpoint.load(model).model.shape == SIZES["test"].architecture
    assert (first["size"], first["pieces"], first["seed"], first["half"]) == ("test", 12, 1, True)
    assert first["parameters"] == checkpoint.count_parameters(checkpoint.load(model).model)


def test_a_training_goes_on_from_the_weights_of_another(data: Path, model: Path, tmp_path: Path) -> None:
    # given a corpus that has no tokens of its own
    folder = tmp_path / "corpus"
    shutil.copytree(data, folder, ignore=shutil.ignore_patterns("composed", "token*"))

    commands.train(folder, tmp_path, SIZES["test"], Limits(1), seed=2, threads=1, half=True, start=model)

    first = json.loads((tmp_path / LOG).read_text().splitlines()[0])
    weights = (model / checkpoint.WEIGHTS).read_bytes()
    before, after = (checkpoint.load(folder).model.state_dict() for folder in (model, tmp_path))
    assert first["start"] == hashlib.sha256(weights).hexdigest()
    # The first step of a training has the rate 0.
    assert all(bool((after[name] == weight).all()) for name, weight in before.items())


def test_a_training_does_not_go_on_from_another_size(data: Path, model: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no tiny"):
        commands.train(data, tmp_path, SIZES["tiny"], Limits(1), seed=2, threads=1, half=True, start=model)


def test_an_evaluation_puts_model_composer_and_corpus_side_by_side(
    data: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "numbers.json"

    output_commands.evaluate(Judged(model), data, Extent(2, 2, 4), Taste(), threads=1, out=out)

    rows = json.loads(out.read_text())["rows"]
    assert set(rows) == {"model", "served", "composer", "corpus", "repainted", "as it was", "p"}
    assert {rows["served"].get(wish, 1.0) for wish in ("tempo", "meter", "key", "avoided")} == {1.0}
    assert rows["corpus"]["genre"] == rows["corpus"]["classifier"]
    assert all(0 <= rows[name]["in key"] <= 1 for name in rows)
    assert {"chord tones", "density", "register", "loudness"} <= set(rows["p"])
    assert {"diversity", "copied passages", "perplexity"} <= set(rows["model"]) & set(rows["composer"])
    assert "groove consistency" in capsys.readouterr().out


def test_a_sample_is_a_score_that_keeps_its_wishes(model: Path, tmp_path: Path) -> None:
    request = output_commands.request_of("calm waltz", "waltz", 90.0, Taste(), 3)

    output_commands.sample(model, request, 3, tmp_path / "songs" / "one.json", threads=1)

    score = from_json((tmp_path / "songs" / "one.json").read_text())
    assert (score.tempo_map[0].qpm, score.genre, score.title, score.seed) == (90.0, "waltz", "calm waltz", 3)


def test_the_composer_is_called_for_what_is_not_there_yet(tmp_path: Path) -> None:
    told: list[int] = []

    sources.compose(range(5, 6), tmp_path, 1, told.append)
    written = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    sources.compose(range(5, 6), tmp_path, 1, told.append)

    assert told == [1, 1]
    assert written == {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert len(list(sources.composed(tmp_path))) == 1


def test_wrong_seeds_are_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["score", "corpus", "--compose", "9:3"])

    with pytest.raises(SystemExit):
        command_line.main()

    assert "two ascending numbers" in capsys.readouterr().err
