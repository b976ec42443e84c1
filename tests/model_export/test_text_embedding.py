"""The committed sentence encoder: intact, close to torch, and indifferent to batch mates and padding."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from model_export.artefacts import NAME
from model_export.text_embedding.check import check
from model_export.text_embedding.manifest import ManifestInvalid, read
from model_export.text_embedding.measurement import drift, embed, one_by_one, session
from model_export.text_embedding.repository import configuration, probe
from model_export.text_embedding.settings import REPOSITORY, SERVING, SOURCE, TOLERANCE
from model_export.text_embedding.tokens import encode

TOKENIZER = REPOSITORY / "tokenizer.json"
TEXTS = (
    "a calm piano piece",
    "quiet piano music for the evening",
    "brutal death metal with blast beats",
    "heavy distorted guitars and screaming",
    "it is raining and cold outside",
    "the weather is wet and chilly",
    "épico orquestal con coros",
    "🎵",
)


@pytest.fixture(scope="module")
def runner() -> onnxruntime.InferenceSession:
    return session(REPOSITORY / "1" / "model.onnx")


def test_the_committed_files_are_those_of_the_manifest() -> None:
    assert check(REPOSITORY, read(REPOSITORY), TOLERANCE) == []


def test_the_manifest_says_where_the_model_comes_from() -> None:
    manifest = read(REPOSITORY)

    assert manifest.licence == "Apache-2.0"
    assert (manifest.source["wheel"], manifest.source["version"]) == (SOURCE.wheel, SOURCE.version)
    assert manifest.reproduce == "python -m model_export.text_embedding build"
    assert manifest.parity_fp32_cosine >= TOLERANCE.fp32_cosine
    assert manifest.measurements[manifest.form]["genre_agreement"] >= TOLERANCE.genre_agreement
    assert {entry.path for entry in manifest.artefacts} == {
        "1/model.onnx",
        "config.pbtxt",
        "probe.json",
        "tokenizer.json",
    }
    assert all(entry.bytes <= TOLERANCE.max_bytes for entry in manifest.artefacts)


def test_the_graph_takes_any_batch_and_length(runner: onnxruntime.InferenceSession) -> None:
    inputs = {entry.name: (entry.type, entry.shape) for entry in runner.get_inputs()}
    (output,) = runner.get_outputs()

    assert inputs == {
        "input_ids": ("tensor(int64)", ["batch", "tokens"]),
        "attention_mask": ("tensor(int64)", ["batch", "tokens"]),
    }
    assert (output.name, output.type, output.shape) == ("sentence_embedding", "tensor(float)", ["batch", 384])


def test_vectors_have_unit_length(runner: onnxruntime.InferenceSession) -> None:
    vectors = embed(runner, encode(TOKENIZER, TEXTS))

    assert vectors.shape == (len(TEXTS), 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)


def test_related_sentences_are_nearer_than_others(runner: onnxruntime.InferenceSession) -> None:
    vectors = embed(runner, encode(TOKENIZER, TEXTS[:6]))
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -1.0)

    assert likeness.argmax(axis=1).tolist() == [1, 0, 3, 2, 5, 4]


def test_batch_mates_do_not_matter(runner: onnxruntime.InferenceSession) -> None:
    feeds = encode(TOKENIZER, TEXTS, 32)

    assert drift(embed(runner, feeds), one_by_one(runner, feeds)) < 1e-5


@pytest.mark.parametrize("length", [32, 64, 128])
def test_padding_does_not_matter(length: int, runner: onnxruntime.InferenceSession) -> None:
    short, padded = encode(TOKENIZER, TEXTS, 16), encode(TOKENIZER, TEXTS, length)

    assert drift(embed(runner, short), embed(runner, padded)) < 1e-5


def test_the_configuration_is_generated_and_names_no_device() -> None:
    text = (REPOSITORY / "config.pbtxt").read_text()

    assert text == configuration(SERVING)
    assert "max_batch_size: 32" in text
    assert "dynamic_batching { max_queue_delay_microseconds: 1000 }" in text
    assert "kind" not in text
    assert "priority" not in text


def test_the_probe_is_a_real_request(runner: onnxruntime.InferenceSession) -> None:
    document = json.loads((REPOSITORY / "probe.json").read_text())
    inputs = document["inputs"]
    feeds = {name: np.array(entry["data"], dtype=np.int64).reshape(entry["shape"]) for name, entry in inputs.items()}

    assert document == probe(TOKENIZER)
    assert {name: (entry["datatype"], entry["shape"]) for name, entry in inputs.items()} == {
        "input_ids": ("INT64", [1, 16]),
        "attention_mask": ("INT64", [1, 16]),
    }
    assert embed(runner, feeds).shape == (1, 384)


def copy_of_the_model(folder: Path) -> Path:
    return Path(shutil.copytree(REPOSITORY, folder / "text_embedding"))


def test_a_changed_file_is_found(tmp_path: Path) -> None:
    # Given a copy whose configuration was edited by hand, when it is checked, then that file is named.
    folder = copy_of_the_model(tmp_path)
    (folder / "config.pbtxt").write_text("max_batch_size: 1\n")

    (problem,) = check(folder, read(folder), TOLERANCE)

    assert problem.startswith("config.pbtxt: sha256 ")


def test_a_missing_file_is_found(tmp_path: Path) -> None:
    folder = copy_of_the_model(tmp_path)
    (folder / "probe.json").unlink()

    assert check(folder, read(folder), TOLERANCE) == ["probe.json: missing"]


def test_a_model_that_moved_from_torch_is_found() -> None:
    # Given recorded vectors in another order, when the model is checked, then the distance is reported.
    manifest = read(REPOSITORY)
    vectors = [entry.vector for entry in manifest.references]
    moved = [replace(entry, vector=vectors[i - 1]) for i, entry in enumerate(manifest.references)]

    (problem,) = check(REPOSITORY, replace(manifest, references=moved), TOLERANCE)

    assert problem.startswith("cosine to torch ")


def test_an_unreadable_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('{"schema": "cadenza.export/1"}')

    with pytest.raises(ManifestInvalid, match=r"export\.json: 'source'"):
        read(tmp_path)
