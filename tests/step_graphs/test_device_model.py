"""The score model's graph with caches that stay on a device, for which the CPU stands: the published model's tokens."""

from pathlib import Path

import numpy as np
import pytest

from model_export.decoder_graphs import products
from model_export.decoder_graphs.device_caches import DeviceCaches
from model_export.graph_writer import Compute, GraphWriter
from model_export.score.export import decoder
from model_export.score.export.checkpoint import load
from model_export.score.export.reference import Reference
from model_export.score.export.rotation import tables
from tests.generation_core.requests import drain, end_of, tokens_of
from tests.step_graphs.conftest import Exported
from tests.step_graphs.test_model import LIMITS, loads, row, text
from triton_models.generation_core.errors import ModelFaultError
from triton_models.generation_core.events import Event, Outcome
from triton_models.generation_core.request import Request, Row, Sampling
from triton_models.generation_core.scheduler import Scheduler
from triton_models.step_graph.device_model import DeviceStepGraphModel, open_on_device
from triton_models.step_graph.devices import CPU
from triton_models.step_graph.model import StepGraphSettings

FORMS: dict[str, Compute] = {"float32": np.float32, "float16": np.float16}


@pytest.fixture(scope="module")
def graphs(exported: Exported, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    source, folder = load(exported.source), tmp_path_factory.mktemp("device")
    files = {form: folder / f"{form}.onnx" for form in FORMS}
    for form, file in files.items():
        caches = DeviceCaches(tables(source.architecture))
        decoder.write(source, file, caches, products.floating, GraphWriter(FORMS[form]))
    return files


def opened(file: Path, slots: int = 8) -> DeviceStepGraphModel:
    return open_on_device(file, StepGraphSettings(slots), CPU)


def test_the_scheduler_makes_the_tokens_of_the_published_model(graphs: dict[str, Path], exported: Exported) -> None:
    reference = Reference(exported.source)
    scheduler = Scheduler(opened(graphs["float32"]), LIMITS)
    rows = [row(seed, 5 + 20 * seed) for seed in range(3)]
    for number, each in enumerate(rows):
        scheduler.submit(Request(str(number), each, 60, sampling=Sampling(temperature=0.0)))

    events = drain(scheduler)

    for number, each in enumerate(rows):
        wanted, _ = reference.greedy(each.prompt.T, text(number)[None], 60)
        assert [token for (token,) in tokens_of(events, str(number))] == wanted[0].tolist()


@pytest.mark.parametrize("form", FORMS)
def test_a_request_makes_the_same_alone_and_among_others(graphs: dict[str, Path], form: str) -> None:
    together, alone = (Scheduler(opened(graphs[form]), LIMITS) for _ in range(2))
    events: list[Event] = []
    for number, wanted in enumerate(loads(20)):
        together.submit(wanted)
        if number % 2:
            events += together.step()
    events += drain(together)

    for wanted in loads(20):
        alone.submit(wanted)
        assert tokens_of(events, wanted.request_id) == tokens_of(drain(alone), wanted.request_id)


def test_a_text_of_the_wrong_length_ends_its_own_request(graphs: dict[str, Path]) -> None:
    scheduler = Scheduler(opened(graphs["float16"]))
    scheduler.submit(Request("bad", Row(np.array([[3]]), np.zeros(5, np.float32)), 5))
    scheduler.submit(Request("good", row(2, 4), 5))

    events = drain(scheduler)

    error = end_of(events, "bad").error
    assert isinstance(error, ModelFaultError)
    assert "the conditioning has shape (5,), the graph takes (12,)" in str(error)
    assert end_of(events, "good").outcome is Outcome.LENGTH
