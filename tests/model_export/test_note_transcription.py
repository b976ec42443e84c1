"""The committed graph that hears notes: intact, equal to the published one, and how it is rewritten."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from model_export.artefacts import NAME
from model_export.note_transcription.check import check
from model_export.note_transcription.layout import phased_kernel
from model_export.note_transcription.manifest import ManifestInvalid, read
from model_export.note_transcription.measurement import session
from model_export.note_transcription.repository import configuration, probe
from model_export.note_transcription.settings import REPOSITORY, SERVING, SHAPE, SOURCE, TOLERANCE


@pytest.fixture(scope="module")
def runner() -> onnxruntime.InferenceSession:
    return session(REPOSITORY / "1" / "model.onnx")


def test_the_committed_files_are_those_of_the_manifest_and_hear_what_the_published_graph_heard() -> None:
    assert check(REPOSITORY, read(REPOSITORY), TOLERANCE) == []


def test_the_manifest_says_where_the_model_comes_from() -> None:
    manifest = read(REPOSITORY)
    assert manifest.licence == "Apache-2.0"
    assert (manifest.source["wheel"], manifest.source["version"]) == (SOURCE.wheel, SOURCE.version)
    assert manifest.source["sha256"] == SOURCE.sha256
    assert manifest.distance <= TOLERANCE.likelihood
    assert {entry.path for entry in manifest.artefacts} == {"1/model.onnx", "config.pbtxt", "probe.json"}
    assert all(entry.bytes <= TOLERANCE.max_bytes for entry in manifest.artefacts)


def test_the_graph_takes_windows_and_gives_likelihoods(runner: onnxruntime.InferenceSession) -> None:
    (audio,) = runner.get_inputs()
    assert (audio.name, audio.shape) == ("audio", ["windows", SHAPE.samples, 1])
    assert {output.name: output.shape for output in runner.get_outputs()} == {
        "onset": ["windows", SHAPE.frames, SHAPE.pitches],
        "note": ["windows", SHAPE.frames, SHAPE.pitches],
        "contour": ["windows", SHAPE.frames, SHAPE.contour_bins],
    }


def test_the_configuration_is_generated_and_names_no_device() -> None:
    text = (REPOSITORY / "config.pbtxt").read_text()
    assert text == configuration(SERVING)
    assert "max_batch_size: 4" in text
    assert "dynamic_batching { max_queue_delay_microseconds: 1000 }" in text
    assert "kind" not in text
    assert "priority" not in text


def test_the_probe_is_a_window_of_silence(runner: onnxruntime.InferenceSession) -> None:
    document = json.loads((REPOSITORY / "probe.json").read_text())
    assert document == probe()
    audio = document["inputs"]["audio"]
    silence = np.broadcast_to(np.array(audio["data"], dtype=np.float32), audio["shape"])
    (notes,) = runner.run(["note"], {"audio": np.ascontiguousarray(silence)})
    assert notes.shape == (1, SHAPE.frames, SHAPE.pitches)
    assert notes.max() < 0.3


def test_a_kernel_that_reads_phases_gives_the_same_sums() -> None:
    # Given a convolution over columns, padded by 2, with a stride of 4
    rng = np.random.default_rng(1)
    weights = rng.standard_normal((2, 3, 1, 7)).astype(np.float32)
    columns = rng.standard_normal((3, 24)).astype(np.float32)
    padded = np.pad(columns, ((0, 0), (2, 8)))
    expected = [[np.sum(padded[:, 4 * at :][:, :7] * kernel[:, 0]) for at in range(6)] for kernel in weights]
    # when even and odd columns are channels of their own
    kernels, left = phased_kernel(weights, 2, 2)
    phases = np.stack([columns[:, ::2], columns[:, 1::2]], axis=1).reshape(6, 12)
    padded = np.pad(phases, ((0, 0), (left, 4)))
    # then half of the kernel and of the stride give the same
    assert (kernels.shape, left) == ((2, 6, 1, 4), 1)
    found = [[np.sum(padded[:, 2 * at :][:, :4] * kernel[:, 0]) for at in range(6)] for kernel in kernels]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def copy_of_the_model(folder: Path) -> Path:
    return Path(shutil.copytree(REPOSITORY, folder / "note_transcription"))


def test_a_changed_file_is_found(tmp_path: Path) -> None:
    folder = copy_of_the_model(tmp_path)
    (folder / "config.pbtxt").write_text("max_batch_size: 1\n")
    (problem,) = check(folder, read(folder), TOLERANCE)
    assert problem.startswith("config.pbtxt: sha256 ")


def test_a_missing_file_is_found(tmp_path: Path) -> None:
    folder = copy_of_the_model(tmp_path)
    (folder / "probe.json").unlink()
    assert check(folder, read(folder), TOLERANCE) == ["probe.json: missing"]


def test_a_model_that_hears_something_else_is_found() -> None:
    # Given what was recorded of onsets and notes exchanged, when the model is checked, then both are reported.
    manifest = read(REPOSITORY)
    exchanged = {**manifest.reference, "onset": manifest.reference["note"], "note": manifest.reference["onset"]}
    problems = check(REPOSITORY, replace(manifest, reference=exchanged), TOLERANCE)
    assert [problem.split()[0] for problem in problems] == ["onset", "note"]


def test_an_unreadable_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('{"schema": "cadenza.export/1"}')
    with pytest.raises(ManifestInvalid, match=r"export\.json: 'source'"):
        read(tmp_path)
