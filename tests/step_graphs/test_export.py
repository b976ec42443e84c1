"""From a checkpoint to graphs: what is promised of them is measured, and a failure leaves what was there."""

import hashlib
import json
import stat
import sys
from pathlib import Path

import pytest

from model_export.score.export import __main__ as program
from model_export.score.export.build import Settings, build, choose
from model_export.score.export.checkpoint import CheckpointInvalidError
from model_export.stages import ParityLostError, Status
from tests.step_graphs.checkpoints import TEXT, checkpoint
from tests.step_graphs.conftest import Exported, interpreter

GRAPHS = [
    "standard.float16.onnx",
    "standard.float32.onnx",
    "step.float16.onnx",
    "step.float32.onnx",
    "step.int8.onnx",
]


def test_every_stage_tells_how_it_went(exported: Exported) -> None:
    stages = {stage.name: stage for stage in exported.manifest.stages}
    assert list(stages) == ["load", "write", "parity", "quantise", "tensorrt"]
    assert [stage.status for stage in stages.values()] == [Status.PASSED] * 4 + [Status.SKIPPED]
    assert stages["tensorrt"].detail == {"reason": "the wheel tensorrt_rtx is not installed for python"}


def test_float32_graphs_are_the_published_model(exported: Exported) -> None:
    parity = exported.manifest.stages[2].detail
    assert sorted(parity) == ["standard.float32", "step.float32"]
    for numbers in parity.values():
        assert numbers["largest_difference"] < 1e-4
        followed = numbers["greedy"]
        assert (followed["steps"], followed["same"] + followed["undecided"]) == (500, 500)
        assert followed["undecided"] <= 1


def test_smaller_forms_lose_little_and_no_row_notices_another(exported: Exported) -> None:
    forms = exported.manifest.stages[3].detail
    assert sorted(forms) == ["float16", "float32", "int8 by block", "int8 by row"]
    for name, numbers in forms.items():
        assert numbers["company_difference"] == 0.0
        if name != "float32":
            assert abs(numbers["perplexity_drift"]) < 0.01
            assert 0.0 <= numbers["kl"] < 0.02


def test_the_folder_is_what_the_manifest_says(exported: Exported) -> None:
    written = json.loads((exported.folder / "export.json").read_text())
    assert sorted(file.name for file in exported.folder.iterdir()) == sorted([*GRAPHS, "export.json"])
    assert [entry["path"] for entry in written["artefacts"]] == GRAPHS
    for entry in written["artefacts"]:
        data = (exported.folder / entry["path"]).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (entry["sha256"], entry["bytes"])
    assert written["architecture"]["text"] == TEXT
    assert written["int8_form"] in ("int8 by row", "int8 by block")
    assert stat.S_IMODE(exported.folder.stat().st_mode) & 0o055 == 0o055


def test_a_tolerance_that_is_not_kept_leaves_the_target_as_it_was(exported: Exported, tmp_path: Path) -> None:
    target = tmp_path / "graphs"
    target.mkdir()
    (target / "export.json").write_text("before")
    with pytest.raises(ParityLostError, match="logits differ"):
        build(exported.source, target, Settings(logits=0.0, greedy_steps=2))
    assert [file.name for file in target.iterdir()] == ["export.json"]
    assert (target / "export.json").read_text() == "before"


def test_a_checkpoint_without_text_and_grouping_has_graphs_too(tmp_path: Path) -> None:
    source = checkpoint(tmp_path / "plain", text=0, num_key_value_heads=6, max_position_embeddings=40)
    settings = Settings(texts=(2, 20), perplexity_drift=1.0, python=interpreter(tmp_path, "exit 3"))
    made = build(source, tmp_path / "graphs", settings)
    # The context leaves no room for five hundred steps.
    assert made.stages[2].detail["step.float32"]["greedy"]["steps"] == 40 - 17
    assert made.architecture["text"] == 0


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo broken >&2; exit 134", "ended with 134: broken"),
        ('echo \'{"version": "1", "engines": {"/a/standard.float32.onnx": "no such operator"}}\'', "no such operator"),
    ],
)
def test_what_tensorrt_refuses_is_not_published(tmp_path: Path, script: str, message: str) -> None:
    source = checkpoint(tmp_path / "plain", max_position_embeddings=40)
    settings = Settings(texts=(2, 20), perplexity_drift=1.0, greedy_steps=2, python=interpreter(tmp_path, script))
    with pytest.raises(ParityLostError, match=message):
        build(source, tmp_path / "graphs", settings)
    assert not (tmp_path / "graphs").exists()


def test_the_compiler_is_told_the_limits_and_every_standard_graph(tmp_path: Path) -> None:
    source = checkpoint(tmp_path / "plain", max_position_embeddings=40)
    engines = '{"version": "1.7", "engines": {"standard.float16.onnx": 10, "standard.float32.onnx": 20}}'
    python = interpreter(tmp_path, f"printf '%s\\n' \"$@\" > {tmp_path}/told; echo '{engines}'")
    made = build(
        source, tmp_path / "graphs", Settings(texts=(2, 20), perplexity_drift=1.0, greedy_steps=2, python=python)
    )
    told = (tmp_path / "told").read_text().splitlines()
    profiles = {Path(file).name: shapes for file, shapes in json.loads(told[2]).items()}
    assert list(profiles) == GRAPHS[:2]
    assert profiles[GRAPHS[0]]["tokens"] == [[1, 1], [32, 1], [64, 40]]
    assert profiles[GRAPHS[0]]["past_key.1"] == [[1, 2, 20, 16], [32, 2, 20, 16], [64, 2, 40, 16]]
    assert made.stages[4].status is Status.PASSED
    assert made.stages[4].detail["engine_bytes"] == {"standard.float16.onnx": 10, "standard.float32.onnx": 20}


def form(one: float, sixteen: float, drift: float = 0.001, company: float = 0.0) -> dict[str, object]:
    took = {"1": one, "16": sixteen}
    return {"step_milliseconds": took, "perplexity_drift": drift, "company_difference": company}


def test_the_fastest_form_is_kept_that_keeps_the_tolerances() -> None:
    settings = Settings()
    assert choose({"a": form(1.0, 4.0), "b": form(1.1, 3.0)}, settings) == "b"
    assert choose({"a": form(1.0, 4.0), "b": form(1.1, 3.0, drift=0.02)}, settings) == "a"
    assert choose({"a": form(1.0, 4.0), "b": form(1.1, 3.0, company=1e-7)}, settings) == "a"
    with pytest.raises(ParityLostError):
        choose({"a": form(1.0, 4.0, drift=-0.02)}, settings)


def test_the_command_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["export", str(tmp_path / "nothing"), str(tmp_path / "graphs")])
    assert program.main() == 1
    assert "config.json cannot be read" in capsys.readouterr().err
    assert not (tmp_path / "graphs").exists()


def test_a_checkpoint_that_is_none_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(CheckpointInvalidError):
        build(tmp_path, tmp_path / "graphs", Settings())
    assert not (tmp_path / "graphs").exists()
