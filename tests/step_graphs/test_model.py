"""The exported graphs under the scheduler: the published model's tokens, in any company, for as many as fit."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from model_export.score.export.reference import Reference
from tests.generation_core.requests import drain, end_of, tokens_of
from tests.step_graphs.checkpoints import CONTEXT
from tests.step_graphs.conftest import ON_DEVICE, Exported
from tests.step_graphs.promises import LIMITS, loads, makes_the_published_tokens, makes_the_same_in_company, row
from triton_models.generation_core.errors import ModelFaultError
from triton_models.generation_core.events import Event, Outcome
from triton_models.generation_core.model import StepModel
from triton_models.generation_core.request import Request, Sampling
from triton_models.generation_core.scheduler import Scheduler
from triton_models.step_graph.device_model import open_on_device
from triton_models.step_graph.devices import CPU
from triton_models.step_graph.model import StepGraphSettings, open_step_graph
from triton_models.step_graph.sessions import StepGraphError

FORMS = ["step.float32", "step.int8", "step.float16"]


def opened(exported: Exported, form: str, slots: int = 8, threads: int = 1) -> StepModel:
    """For the CPU, or for a device."""
    settings = StepGraphSettings(slots, threads)
    if form in ON_DEVICE:
        return open_on_device(exported.devices / f"{form}.onnx", settings, CPU)
    return open_step_graph(exported.folder / f"{form}.onnx", settings)


@pytest.mark.parametrize("form", ["step.float32", "device.float32"])
def test_the_scheduler_makes_the_tokens_of_the_published_model(exported: Exported, form: str) -> None:
    makes_the_published_tokens(opened(exported, form), Reference(exported.source))


# Threads are for graphs on the CPU.
@pytest.mark.parametrize(("form", "threads"), [*product(FORMS, [1, 2]), *product(ON_DEVICE, [1])])
def test_a_request_makes_the_same_alone_and_among_others(exported: Exported, form: str, threads: int) -> None:
    makes_the_same_in_company(lambda: opened(exported, form, threads=threads))


def test_a_row_may_fill_its_whole_slot(exported: Exported) -> None:
    scheduler = Scheduler(opened(exported, "step.int8", slots=1))
    scheduler.submit(Request("a", row(1, 9), CONTEXT - 9, sampling=Sampling(top_k=5)))
    assert len(tokens_of(drain(scheduler), "a")) == CONTEXT - 9


def test_random_cancels_leave_the_others_as_they_are(exported: Exported) -> None:
    chance = np.random.default_rng(8)
    scheduler, single = (Scheduler(opened(exported, "step.int8"), LIMITS) for _ in range(2))
    doomed, events = set[str](), list[Event]()
    for wanted in loads(60):
        scheduler.submit(wanted)
        if chance.random() < 0.6:
            doomed.add(wanted.request_id)
        if doomed and chance.random() < 0.7:
            scheduler.cancel(chance.choice(sorted(doomed)))
        for _ in range(int(chance.integers(0, 6))):
            events += scheduler.step()
    for name in doomed:
        scheduler.cancel(name)
    events += drain(scheduler)
    assert scheduler.snapshot().active_slots == 0
    assert scheduler.snapshot().ended[Outcome.CANCELLED] > 10
    for wanted in loads(60):
        single.submit(wanted)
        expected, made = tokens_of(drain(single), wanted.request_id), tokens_of(events, wanted.request_id)
        ended = end_of(events, wanted.request_id).outcome
        assert made == (expected if ended is Outcome.LENGTH else expected[: len(made)])


@pytest.mark.parametrize("form", ["step.int8", "device.float16"])
def test_a_text_of_the_wrong_length_ends_its_own_request(exported: Exported, form: str) -> None:
    scheduler = Scheduler(opened(exported, form))
    scheduler.submit(Request("bad", replace(row(1, 4), conditioning=np.zeros(5, np.float32)), 5))
    scheduler.submit(Request("good", row(2, 4), 5))
    events = drain(scheduler)
    error = end_of(events, "bad").error
    assert isinstance(error, ModelFaultError)
    assert "the conditioning has shape (5,), the graph takes (12,)" in str(error)
    assert end_of(events, "good").outcome is Outcome.LENGTH


def test_a_graph_without_caches_in_place_is_refused(exported: Exported) -> None:
    file: Path = exported.folder / "standard.float32.onnx"
    with pytest.raises(StepGraphError, match="these are no caches in place"):
        open_step_graph(file, StepGraphSettings())
