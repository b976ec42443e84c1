"""What cannot be served from plans is said in a sentence: of packages, devices, files and plans."""

import importlib.util
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.step_graph_plans.plans import Machine
from tests.step_graph_plans.test_score_plan import opened
from tests.tensorrt.cuda_twin import CudaTwin
from tests.tensorrt.twin import Trouble
from triton_models.step_graph.devices import DeviceAbsentError
from triton_models.step_graph.plans.opening import find
from triton_models.step_graph.sessions import StepGraphError


@pytest.fixture
def graphs(scores: Path, tmp_path: Path) -> Path:
    """A copy for a test that changes something."""
    return Path(shutil.copytree(scores, tmp_path / "graphs"))


def refusal(graphs: Path, machine: Machine | None = None, slots: int = 8) -> str:
    with pytest.raises((StepGraphError, DeviceAbsentError)) as found:
        opened(graphs, "float16", machine, slots)
    return str(found.value)


def test_a_folder_without_plans_says_how_they_are_built(graphs: Path) -> None:
    shutil.rmtree(graphs / "plans")

    assert refusal(graphs) == (
        f"{graphs}/plans has no plan of tensorrt.float16 that can be read: run `python -m model_export.tensorrt build "
        f"{graphs} --out {graphs}/plans --only tensorrt.float16` on the GPU that serves it."
    )


def test_plans_of_another_place_are_refused_and_must_go_before_others_are_built(graphs: Path) -> None:
    assert refusal(graphs, Machine(version="11.4.0")) == (
        f"The plans in {graphs}/plans are for tensorrt 10.16.1, and here is tensorrt 11.4.0: remove that folder, and "
        f"run `python -m model_export.tensorrt build {graphs} --out {graphs}/plans --only tensorrt.float16` on the GPU "
        "that serves it."
    )
    assert "are for Twin 9000 (compute capability 9.0), and here is Twin 8000 (compute capability 8.9)" in refusal(
        graphs, Machine(CudaTwin("Twin 8000", (8, 9)))
    )


def test_a_tensorrt_that_knows_no_caches_in_place_is_refused(graphs: Path) -> None:
    assert refusal(graphs, Machine(version="10.14.1")) == (
        "TensorRT 10.14.1 cannot write caches in place: use 10.15 or later, or lay the model with --profile onnx-gpu"
    )


def test_a_device_that_does_not_answer_is_named(graphs: Path) -> None:
    assert refusal(graphs, Machine(CudaTwin(absent=True))).startswith(
        "TensorRT's plans are to run on cpu:0, which does not answer (CUDA: CUDA driver version is insufficient"
    )


def test_files_that_are_not_what_was_built_are_refused(graphs: Path) -> None:
    plan, manifest = graphs / "plans" / "tensorrt.float16.plan", graphs / "export.json"
    content, made = plan.read_bytes(), manifest.read_text()

    plan.write_bytes(b"damaged")
    assert "is not the file that plans.json names: run `python -m model_export.tensorrt build" in refusal(graphs)
    plan.write_bytes(content)
    digest = next(row["sha256"] for row in json.loads(made)["artefacts"] if row["path"] == "tensorrt.float16.onnx")
    manifest.write_text(made.replace(digest, "0" * 64))
    assert "was made of another graph than" in refusal(graphs)
    plan.unlink()
    assert "has no plan of tensorrt.float16 that can be read" in refusal(graphs)


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (Trouble(refused=True), "TensorRT does not load the plan of tensorrt.float16: build it again on this GPU"),
        (Trouble(copied=True), "the plan of tensorrt.float16 does not write past_value.1 in place: build it again"),
        (Trouble(cramped=True), "TensorRT cannot make room to run the plan of tensorrt.float16: free some of the GPU"),
    ],
)
def test_plans_that_cannot_run_here_are_refused(graphs: Path, trouble: Trouble, sentence: str) -> None:
    assert refusal(graphs, Machine(trouble=trouble)) == sentence


def test_more_rows_than_the_plan_takes_are_refused(graphs: Path) -> None:
    assert refusal(graphs, slots=200) == (
        "the plan of tensorrt.float16 takes 128 rows at once, the model has 200: build it again with --rows 1:2:200"
    )


def test_a_run_that_tensorrt_does_not_take_is_an_error(graphs: Path) -> None:
    trouble = Trouble()
    model = opened(graphs, "float16", Machine(trouble=trouble))
    model.open(0, None)
    trouble.stuck = True

    with pytest.raises(StepGraphError, match=r"^TensorRT cannot run the plan of tensorrt\.float16: its log says why$"):
        model.step(np.array([0]), np.array([[3]]), np.array([0]))


def test_a_machine_without_the_packages_says_which_is_missing() -> None:
    packages = {"tensorrt": "tensorrt", "cuda": "cuda-bindings"}
    missing = [package for module, package in packages.items() if importlib.util.find_spec(module) is None]
    if missing:
        with pytest.raises(DeviceAbsentError, match=rf"^TensorRT's plans need the Python package {missing[0]}, which "):
            find()
    else:
        assert find().cuda is not None
