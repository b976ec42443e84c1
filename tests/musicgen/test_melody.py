"""Checkpoints of the melody kind: how they hear, what is refused, and the graphs that are made of them."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from model_export.graph_writer import GraphWriter
from model_export.musicgen import decoder_prefix
from model_export.musicgen.checkpoint import read_checkpoint
from model_export.musicgen.decoder_runs import PrefixGraph
from model_export.musicgen.errors import ConfigInvalidError, WeightsMismatchError
from model_export.musicgen.export import export
from model_export.musicgen.melody_config import MelodyConfig
from model_export.stages import Stage, Status
from tests.musicgen.checkpoints import CHROMA, PREPROCESSOR, change_weights, configure, melody
from tests.musicgen.test_export import QUICK
from tests.step_graphs.conftest import interpreter


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return melody(tmp_path_factory.mktemp("melody") / "checkpoint")


def test_how_a_melody_is_heard_is_read(source: Path) -> None:
    found = read_checkpoint(source).config.melody
    assert found == MelodyConfig(12, CHROMA, projected=True, sampling_rate=400, fft=256, hop=64, seconds=4)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"n_fft": None}, "n_fft is None, it must be a whole number of at least 1"),
        ({"hop_length": 0}, "hop_length is 0, it must be a whole number"),
        ({"chunk_length": 29.5}, "chunk_length is 29.5, it must be a whole number"),
        ({"n_fft": 255}, "n_fft is 255, it must be even"),
        ({"num_chroma": 24}, "num_chroma is 24, and 12 in config.json: only 12 in both"),
        ({"sampling_rate": 32000}, "sampling_rate is 32000 and the codec's is 400: they must be the same"),
    ],
)
def test_a_preprocessor_that_does_not_fit_is_refused(
    source: Path, tmp_path: Path, fields: dict[str, Any], words: str
) -> None:
    folder = shutil.copytree(source, tmp_path / "checkpoint")
    (folder / "preprocessor_config.json").write_text(json.dumps({**PREPROCESSOR, **fields}))
    with pytest.raises(ConfigInvalidError, match=f"preprocessor_config.json: {words}"):
        read_checkpoint(folder)


@pytest.mark.parametrize("length", [0, 320])
def test_a_melody_that_leaves_no_room_is_refused(source: Path, tmp_path: Path, length: int) -> None:
    folder = shutil.copytree(source, tmp_path / "checkpoint")
    configure(folder, "chroma_length", length)
    with pytest.raises(
        ConfigInvalidError, match=f"chroma_length in config.json is {length}, .*with room in 320 positions"
    ):
        read_checkpoint(folder)


def test_weights_without_the_projection_of_melodies_are_refused(source: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(source, tmp_path / "checkpoint")
    name = "audio_enc_to_dec_proj.weight"
    change_weights(folder, lambda found: {key: values for key, values in found.items() if key != name})
    with pytest.raises(WeightsMismatchError, match=f"1 missing: {name}; is it"):
        read_checkpoint(folder)


def test_what_stands_before_the_codes_is_the_melody_and_then_the_text(source: Path, tmp_path: Path) -> None:
    # Given two rows of a melody, of which one has a text
    read, chance = read_checkpoint(source), np.random.default_rng(1)
    assert read.config.melody is not None
    graph = decoder_prefix.write(read, read.config.melody, tmp_path / "prefix.onnx", GraphWriter(np.float32))
    states = chance.normal(size=(2, 5, 24)).astype(np.float32)
    chroma = np.eye(12, dtype=np.float32)[chance.integers(0, 12, (2, CHROMA))]

    # when the graph puts them together
    prefix = PrefixGraph(graph).run(states, np.array([[1, 1, 1, 0, 0], [0] * 5]), chroma)["prefix"]

    # then each is in the decoder's width, and what is not heard is zero
    w = {name: values.numpy() for name, values in read.tensors("").items() if "enc_to_dec_proj" in name}
    melodies = chroma @ w["audio_enc_to_dec_proj.weight"].T + w["audio_enc_to_dec_proj.bias"]
    texts = states @ w["enc_to_dec_proj.weight"].T + w["enc_to_dec_proj.bias"]
    assert prefix.shape == (2, CHROMA + 5, 32)
    np.testing.assert_allclose(prefix[:, :CHROMA], melodies, atol=1e-6)
    np.testing.assert_allclose(prefix[0, CHROMA : CHROMA + 3], texts[0, :3], atol=1e-5)
    assert not prefix[0, CHROMA + 3 :].any()
    assert not prefix[1, CHROMA:].any()


def test_all_graphs_of_a_checkpoint_are_made_and_checked(source: Path, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    told, target = list[Stage](), tmp_path / "graphs"

    made = export(source, target, replace(QUICK, python=interpreter(tmp_path, "exit 3")), told.append)

    assert [stage.status for stage in told] == [Status.PASSED] * 6 + [Status.SKIPPED] * 2
    graphs = sorted(file.name for file in target.iterdir() if file.name.startswith("musicgen"))
    forms = ["prefix.float16", "prefix.float32", "standard.float16", "standard.float32"]
    forms += ["step.float16", "step.float32", "step.int8"]
    assert graphs == sorted(f"musicgen_{form}.{suffix}" for form in forms for suffix in ("onnx", "weights"))
    for numbers in told[2].detail.values():
        assert max(numbers["hidden"], numbers["logits"]) < 1e-4
        for path in ("greedy", "greedy_without_melody"):
            assert numbers[path]["same"] + numbers[path]["undecided"] == numbers[path]["steps"] == QUICK.greedy_steps
    assert {numbers["company_difference"] for numbers in told[3].detail.values()} == {0.0}
    written = json.loads((target / "export.json").read_text())
    assert written["melody"] == made.melody
    assert (written["melody"]["length"], written["melody"]["hop"]) == (CHROMA, 64)
