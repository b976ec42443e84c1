"""Caches and texts that stay on a device: no row is moved, and what does not fit is refused."""

import numpy as np
import pytest

from tests.generation_core.requests import drain, end_of, tokens_of
from tests.musicgen_serving.conftest import Checkpoints
from tests.musicgen_serving.on_device import SETTINGS, OnDevice, on_device
from triton_models.generation_core.errors import ModelFaultError
from triton_models.generation_core.events import Outcome
from triton_models.generation_core.request import Request, Row
from triton_models.generation_core.scheduler import Scheduler
from triton_models.step_graph.code_books import CodeBookSettings, Guide
from triton_models.step_graph.device_code_books import open_on_device
from triton_models.step_graph.devices import CPU, Device, DeviceAbsentError
from triton_models.step_graph.sessions import StepGraphError


@pytest.fixture(scope="module", params=["mono", "stereo"])
def made(checkpoints: Checkpoints, request: pytest.FixtureRequest) -> OnDevice:
    return on_device(checkpoints(request.param))


def test_a_row_that_waits_between_others_keeps_what_it_has(made: OnDevice) -> None:
    # Given three rows with prompts of their own, when the outer two step and the middle one does not
    served = made.served
    codes = np.random.default_rng(5).integers(0, 16, (20, served.pattern.books))
    busy, quiet = made.open("float32"), made.open("float32")
    for model in (busy, quiet):
        for slot in range(3):
            model.open(slot, Guide(200, served.states if slot else None))
            model.prefill(slot, codes[: 10 + slot], 0)
    for place in range(12, 20):
        busy.step(np.array([0, 2]), codes[[place, place]], np.array([place, place]))

    # Then its next step is that of a row beside which nothing happened
    found, wanted = (model.step(np.array([1]), codes[11:12], np.array([11])) for model in (busy, quiet))
    assert np.array_equal(found, wanted)


def test_numbers_of_rows_are_few(made: OnDevice) -> None:
    model = made.open("float32")
    for slot in range(6):
        model.open(slot, Guide(20))
    codes = np.zeros((6, made.served.pattern.books), np.int64)

    shapes = [model.step(np.arange(count), codes[:count], np.zeros(count, np.int64)).shape for count in range(1, 7)]

    assert [shape[0] for shape in shapes] == [1, 2, 3, 4, 5, 6]
    assert [model.rows(np.arange(count)) for count in range(1, 7)] == [1, 2, 4, 4, 6, 6]


def test_a_row_may_fill_its_whole_slot_beside_another(made: OnDevice) -> None:
    scheduler = Scheduler(made.open("float16", CodeBookSettings(40, 2, 16)))
    for number in range(2):
        row = Row(np.zeros((1, made.served.pattern.books), np.int64), Guide(60))
        scheduler.submit(Request(str(number), row, 39 - number, seed=number))

    events = drain(scheduler)

    assert [len(tokens_of(events, str(number))) for number in range(2)] == [39, 38]


def test_a_conditioning_that_is_none_ends_its_own_request(made: OnDevice) -> None:
    scheduler = Scheduler(made.open("float32"))
    prompt = np.zeros((1, made.served.pattern.books), np.int64)
    scheduler.submit(Request("bad", Row(prompt, Guide(9, melody=np.zeros((3, 12), np.float32))), 5))
    scheduler.submit(Request("good", Row(prompt, Guide(9)), 5))

    events = drain(scheduler)

    error = end_of(events, "bad").error
    assert isinstance(error, ModelFaultError)
    assert "this model hears no melodies" in str(error)
    assert end_of(events, "good").outcome is Outcome.LENGTH


def test_too_little_memory_and_a_graph_for_the_cpu_are_refused(made: OnDevice) -> None:
    with pytest.raises(StepGraphError, match="a guided song takes"):
        made.open("float16", CodeBookSettings(260, 6, 16, memory=1000))
    with pytest.raises(StepGraphError, match="these are no caches in place"):
        open_on_device(made.served.step, made.served.cross, made.served.pattern, SETTINGS, CPU)


def test_a_device_that_the_runtime_has_not_is_refused_with_what_to_do(made: OnDevice) -> None:
    with pytest.raises(DeviceAbsentError, match=r"is to run on cuda:0, .* install the extra `gpu`"):
        made.open("float16", device=Device("cuda"))
