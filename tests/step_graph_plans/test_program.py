"""Graphs whose plans are served: built with two profiles, checked like all others, compiled where that is possible."""

import importlib
import importlib.util
import json
from pathlib import Path

import pytest

from model_export.tensorrt.__main__ import main
from tests.tensorrt.test_program import run
from tests.tensorrt.twin import Trouble, twin


def test_a_plan_has_a_profile_for_steps_and_one_for_prompts(scores: Path) -> None:
    (plan, _) = json.loads((scores / "plans" / "plans.json").read_text())["plans"]

    assert plan["name"] == "tensorrt.float16"
    assert plan["profile"] == {"n": [1, 1, 1], "rows": [1, 2, 128]}
    assert plan["prompts"] == {"n": [1, 64, 64], "rows": [1, 1, 1]}
    steps, prompts = json.loads((scores / "plans" / "tensorrt.float16.plan").read_text())["profiles"]
    assert steps["past_key.0"] == [[1, 2, 128, 16], [2, 2, 128, 16], [128, 2, 128, 16]]
    assert (steps["tokens"], prompts["tokens"]) == ([[1, 1], [2, 1], [128, 1]], [[1, 1], [1, 64], [1, 64]])


def test_both_are_checked(scores: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("build", scores, "--out", tmp_path, "--rows", "1:2:4") == 0
    capsys.readouterr()

    assert run("check", scores, tmp_path) == 0

    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    points = ["smallest", "usual", "largest", "smallest-prompt", "usual-prompt", "largest-prompt"]
    assert [row[:2] for row in rows] == [[f"tensorrt.{form}", at] for form in ("float16", "float32") for at in points]
    assert all(float(row[3]) == 0.0 for row in rows if row[0] == "tensorrt.float32")


def test_what_drifts_is_found(scores: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("build", scores, "--out", tmp_path, "--rows", "1:2:4") == 0
    capsys.readouterr()

    assert run("check", scores, tmp_path, trt=twin(Trouble(drift=float("nan")))) == 1

    assert capsys.readouterr().out.count("DRIFTS") == 12


@pytest.mark.parametrize("form", ["float16", "float32"])
def test_tensorrt_rtx_compiles_them_with_its_own_update_of_caches_where_it_is_installed(
    scores: Path, tmp_path: Path, form: str
) -> None:
    there = importlib.util.find_spec("tensorrt_rtx") is not None
    told = ["build", str(scores), "--out", str(tmp_path), "--rtx", "--only", f"tensorrt.{form}"]
    assert main(told) == (0 if there else 2)
    if there:
        trt = importlib.import_module("tensorrt_rtx")
        logger = trt.Logger(trt.Logger.ERROR)
        network = trt.Builder(logger).create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
        assert trt.OnnxParser(network, logger).parse_from_file(str(scores / f"tensorrt.{form}.onnx"))
        kinds = [network.get_layer(index).type for index in range(network.num_layers)]
        # Keys and values of two layers
        assert kinds.count(trt.LayerType.KV_CACHE_UPDATE) == 4
