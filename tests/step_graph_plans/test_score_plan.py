"""The score model's plan, with onnxruntime on the CPU behind TensorRT's calls: the published model's tokens."""

import json
from pathlib import Path

import numpy as np
import pytest

from model_export.score.export.reference import Reference
from tests.step_graph_plans.conftest import FORMS
from tests.step_graph_plans.plans import Machine
from tests.step_graphs.promises import makes_the_published_tokens, makes_the_same_in_company
from triton_models.step_graph.device_model import DeviceStepGraphModel
from triton_models.step_graph.devices import CPU, Device
from triton_models.step_graph.model import StepGraphSettings
from triton_models.step_graph.plans.models import open_step_plan


def opened(graphs: Path, form: str, machine: Machine | None = None, slots: int = 8) -> DeviceStepGraphModel:
    runtime = (machine or Machine()).runtime
    return open_step_plan(graphs, f"tensorrt.{form}", StepGraphSettings(slots), CPU, runtime)


def test_the_scheduler_makes_the_tokens_of_the_published_model(scores: Path) -> None:
    machine, source = Machine(), json.loads((scores / "export.json").read_text())["source"]
    makes_the_published_tokens(opened(scores, "float32", machine), Reference(Path(source)))
    # Steps of one, two and four rows were recorded, all others were replayed
    assert machine.cuda.captures <= 3
    assert machine.cuda.launches > 50


@pytest.mark.parametrize("form", FORMS)
def test_a_request_makes_the_same_alone_and_among_others(scores: Path, form: str) -> None:
    makes_the_same_in_company(lambda: opened(scores, form))


def test_a_step_is_run_once_and_then_replayed(scores: Path) -> None:
    # Given two models, one of which starts anew for the second step
    machine = Machine()
    model = opened(scores, "float32", machine)
    model.open(0, None)
    model.prefill(0, np.array([[3], [4]]), 0)
    assert (machine.cuda.captures, machine.cuda.launches) == (0, 0)

    # When it steps twice with one row and once with two
    first = model.step(np.array([0]), np.array([[5]]), np.array([2]))
    second = model.step(np.array([0]), np.array([[6]]), np.array([3]))
    assert (machine.cuda.captures, machine.cuda.launches) == (1, 1)
    model.open(1, None)
    model.step(np.array([0, 1]), np.array([[7], [7]]), np.array([4, 0]))

    # Then each number of rows is recorded once, and a replay writes and reads what is there now
    assert (machine.cuda.captures, machine.cuda.launches) == (2, 1)
    fresh = opened(scores, "float32")
    fresh.open(0, None)
    fresh.prefill(0, np.array([[3], [4], [5]]), 0)
    assert np.abs(fresh.step(np.array([0]), np.array([[6]]), np.array([3])) - second).max() < 1e-5
    assert np.abs(first - second).max() > 1e-3


def test_a_plan_is_loaded_on_the_device_that_it_is_to_run_on(scores: Path) -> None:
    machine = Machine()

    machine.runtime.open(scores, "tensorrt.float16", Device("cpu", 1))

    assert machine.cuda.loaded == [1]
