"""The served model on an exported graph, through what Triton calls: streams that end once, with songs or with words."""

import importlib.util
import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from model_export.score import checkpoint, output_commands
from model_export.score.checkpoint import Checkpoint
from model_export.score.export.build import DEVICE
from model_export.score.export.repository import GRAPH
from model_export.score.sizes import Architecture
from model_export.score.transformer import ScoreTransformer
from tests.renderer.fake_triton import Logger, Request, backend_module
from tests.score_writer.scenes import LANGUAGE, PATIENCE, document_of, score_of
from tests.step_graph_plans.plans import Machine
from triton_models.score.document import from_json
from triton_models.score_tiny.service import ScoreService
from triton_models.step_graph.devices import CPU, DeviceAbsentError
from triton_models.step_graph.model import StepGraphSettings

SMALL = Architecture(64, 96, 2, 4, 2, 640)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a checkpoint that was never trained."""
    root = tmp_path_factory.mktemp("score-model")
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = ScoreTransformer(SMALL, len(LANGUAGE.tokenizer))
    checkpoint.save(root / "checkpoint", Checkpoint(model, LANGUAGE.vocabulary, LANGUAGE.tokenizer))
    return root


@pytest.fixture(scope="module")
def folder(root: Path) -> Path:
    """Triton's folder of the model."""
    assert output_commands.build(root / "checkpoint", root / "score_tiny", "cpu") == 0
    return root / "score_tiny"


def given(folder: Path, **parameters: str) -> dict[str, str]:
    """What Triton says of a folder whose configuration says this."""
    config = {"parameters": {key: {"string_value": value} for key, value in parameters.items()}}
    told = {"model_name": "score_tiny", "model_repository": str(folder), "model_version": "1"}
    return {**told, "model_config": json.dumps(config)}


@pytest.fixture(scope="module")
def model(folder: Path) -> Iterator[Any]:
    name = "triton_python_backend_utils"
    sys.modules[name] = backend_module()
    made = import_module("triton_models.score_tiny.1.model").TritonPythonModel()
    made.initialize(given(folder, graph=GRAPH, slots="4", threads="1"))
    yield made
    made.finalize()
    del sys.modules[name]


def request(text: float = 0.0, edit: str = "", options: str = "{}", **brief: Any) -> Request:
    document = {"schema": "cadenza.brief/1", "genre": "jazz", "duration_seconds": 8, "bpm": 120, "seed": 1, **brief}
    made = Request(b"", options.encode())
    made.inputs = {
        "BRIEF": json.dumps(document).encode(),
        "TEXT": np.full(384, text, np.float32),
        "EDIT": edit.encode(),
        "OPTIONS": options.encode(),
    }
    return made


def ended(asked: Request) -> list[Any]:
    assert asked.sender.ended.wait(PATIENCE)
    return asked.sender.responses


def metas(asked: Request) -> list[dict[str, Any]]:
    return [json.loads(response.tensors["META"].item()) for response in ended(asked)]


def test_a_brief_is_answered_by_progress_and_a_score(model: Any) -> None:
    asked = request(title="Paper Lantern")

    model.execute([asked])

    *progress, last = metas(asked)
    assert progress
    assert {row["type"] for row in progress} == {"progress"}
    assert progress[-1] == {"type": "progress", "bars": 4, "of": 4}
    final = ended(asked)[-1].tensors
    score = from_json(final["SCORE"].item())
    assert last == {"type": "score", "duration_seconds": 8.0, "changed": [0.0, 8.0]}
    assert (score.title, score.duration_beats) == ("Paper Lantern", 15.999)
    assert final["MIDI"].item().startswith(b"MThd")
    assert ended(asked)[0].tensors["SCORE"].item() == b""


def test_a_description_and_the_options_change_the_song(model: Any) -> None:
    asked = [request(), request(), request(text=0.3), request(options='{"temperature": 0.5, "guidance": 3}')]

    model.execute(asked)

    plain, again, described, guided = (ended(each)[-1].tensors["SCORE"].item() for each in asked)
    assert plain == again
    assert len({plain, described, guided}) == 3


def test_an_edit_is_answered_with_the_seconds_that_are_new(model: Any) -> None:
    edit = document_of(score_of(), kind="repaint", from_seconds=4, to_seconds=8)
    asked = request(edit=edit)

    model.execute([asked])

    assert metas(asked)[-1] == {"type": "score", "duration_seconds": 16.25, "changed": [4.0, 8.0]}


@pytest.mark.parametrize(
    "asked, words",
    [
        (request(genre="noise"), "INVALID_BRIEF: genre must be one of "),
        (request(edit="[]"), "INVALID_EDIT: document must be a JSON object"),
        (request(options='{"priority": 7}'), "INVALID_OPTIONS: priority must be between 0 and 2, not 7"),
        (request(text=float("nan")), "INVALID_OPTIONS: TEXT must hold 384 finite numbers"),
    ],
)
def test_what_cannot_be_done_ends_the_stream_with_words(model: Any, asked: Request, words: str) -> None:
    model.execute([asked])

    (only,) = ended(asked)
    assert only.error is not None
    assert only.error.startswith(words)


def test_the_sixty_fifth_song_is_refused_and_cancelled_ones_end(model: Any) -> None:
    asked = [request(seed=seed, duration_seconds=600) for seed in range(65)]

    model.execute(asked)

    assert ended(asked[-1])[-1].error == "QUEUE_FULL: 64 songs are being written or wait already; try again soon"
    for each in asked:
        each.sender.cancelled = True
    assert {ended(each)[-1].error for each in asked[:-1]} == {"CANCELLED: the request was cancelled"}


def test_a_bug_ends_the_stream_and_its_words_go_to_the_log(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, log = request(), list[str]()
    monkeypatch.setattr(Logger, "errors", log)
    del asked.inputs["EDIT"]

    model.execute([asked])

    assert ended(asked)[-1].error == "INTERNAL: the model failed on this song"
    assert log == ["score_tiny: KeyError('EDIT')"]


def test_the_probe_is_a_song_of_five_seconds(model: Any, folder: Path) -> None:
    inputs = json.loads((folder / "probe.json").read_text())["inputs"]
    asked = request()
    asked.inputs = {name: value.encode() for name, value in inputs.items() if isinstance(value, str)}
    asked.inputs["TEXT"] = np.array(inputs["TEXT"]["data"], np.float32)

    model.execute([asked])

    assert metas(asked)[-1]["duration_seconds"] == 4.999


def test_the_folder_says_what_was_made_of_what(folder: Path) -> None:
    made = json.loads((folder / "export.json").read_text())

    assert {row["path"] for row in made["artefacts"]} == {f"1/{GRAPH}", "1/conditioning.json", "1/tokenizer.json"}
    assert sum(row["bytes"] for row in made["artefacts"]) < 12 * 2**20
    assert 'key: "graph" value { string_value: "step.int8.onnx" }' in (folder / "config.pbtxt").read_text()


def test_for_a_gpu_another_graph_is_laid_which_no_machine_without_one_loads(root: Path, model: Any) -> None:
    # Given the same checkpoint for the profile onnx-gpu
    folder = root / "on_gpu"
    assert output_commands.build(root / "checkpoint", folder, "onnx-gpu") == 0
    config = (folder / "config.pbtxt").read_text()
    for key, value in {"graph": DEVICE, "slots": "64", "device": "cuda:0"}.items():
        assert f'key: "{key}" value {{ string_value: "{value}" }}' in config
    made = json.loads((folder / "export.json").read_text())
    assert made["stages"][3]["detail"]["device"]["same_token"] > 0.9
    assert not (folder / "1" / GRAPH).exists()

    # When it is loaded as it is, then this runtime says what is missing
    with pytest.raises(DeviceAbsentError, match="is to run on cuda:0, and this onnxruntime"):
        type(model)().initialize(given(folder, graph=DEVICE, slots="64", threads="1", device="cuda:0"))

    # With the CPU in the GPU's place it opens, and knows the language
    ScoreService(folder / "1", DEVICE, StepGraphSettings(slots=4), CPU).close()


def test_for_plans_their_graph_is_laid_and_what_is_missing_is_told(root: Path, model: Any) -> None:
    # Given the same checkpoint for the profile tensorrt
    folder = root / "plans"
    assert output_commands.build(root / "checkpoint", folder, "tensorrt") == 0
    config = (folder / "config.pbtxt").read_text()
    for key, value in {"graph": "tensorrt.float16.plan", "slots": "64", "device": "cuda:0"}.items():
        assert f'key: "{key}" value {{ string_value: "{value}" }}' in config
    made = json.loads((folder / "export.json").read_text())
    assert made["stages"][2]["detail"]["tensorrt.float32"]["largest_difference"] < 1e-4
    assert made["stages"][3]["detail"]["device"]["same_token"] > 0.9

    # When it is loaded as it is, then this machine says which package is missing, where one is
    if importlib.util.find_spec("tensorrt") is None:
        with pytest.raises(DeviceAbsentError, match="TensorRT's plans need the Python package tensorrt"):
            type(model)().initialize(
                given(folder, graph="tensorrt.float16.plan", slots="64", threads="1", device="cuda:0")
            )

    # With a plan that the program built and the CPU in the GPU's place it opens, and knows the language
    machine = Machine()
    machine.build(folder / "1")
    settings = StepGraphSettings(slots=4)
    ScoreService(folder / "1", "tensorrt.float16.plan", settings, CPU, machine.runtime).close()


def test_other_profiles_and_missing_checkpoints_are_refused_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert output_commands.build(tmp_path / "nothing", tmp_path / "model", "gpu") == 1
    assert capsys.readouterr().err == "There is no profile 'gpu': choose cpu, onnx-gpu or tensorrt.\n"

    assert output_commands.build(tmp_path / "nothing", tmp_path / "model", "cpu") == 1
    assert "conditioning.json" in capsys.readouterr().err
    assert not (tmp_path / "model").exists()
