"""Melodies before codes in caches that stay on a device: who waits, what float16 loses, and what is refused."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from model_export.musicgen.export import Settings
from tests.generation_core.requests import drain, end_of
from tests.musicgen.checkpoints import CHROMA
from tests.musicgen_serving.conftest import Checkpoints
from tests.musicgen_serving.on_device import SETTINGS, OnDevice, on_device
from tests.musicgen_serving.test_melodies import RATE, chroma
from triton_models.generation_core.errors import ModelFaultError
from triton_models.generation_core.events import Outcome
from triton_models.generation_core.model import Logits, StepModel, Tokens
from triton_models.generation_core.request import Row
from triton_models.generation_core.scheduler import Limits, Scheduler
from triton_models.musicgen.checkpoint import PREFIX
from triton_models.musicgen.songs import Melody
from triton_models.step_graph.code_books import CodeBookSettings, Guide
from triton_models.step_graph.device_code_books import open_on_device
from triton_models.step_graph.device_prefixed import open_prefixed_on_device
from triton_models.step_graph.devices import CPU, Device, DeviceAbsentError
from triton_models.step_graph.sessions import StepGraphError

TEXT = 5
BEFORE = CHROMA + TEXT


@pytest.fixture(scope="module", params=["melody", "stereo melody"])
def made(checkpoints: Checkpoints, request: pytest.FixtureRequest) -> OnDevice:
    return on_device(checkpoints(request.param))


def guide(made: OnDevice, seed: int) -> Guide:
    """By a melody and a text, and every third by neither."""
    if seed % 3 == 0:
        return Guide(200, words=TEXT)
    return Guide(200, made.served.states[:TEXT], chroma(CHROMA, seed))


def codes_of(made: OnDevice, count: int) -> Tokens:
    drawn: Tokens = np.random.default_rng(5).integers(0, 16, (count, made.served.pattern.books))
    return drawn


def test_a_row_that_is_amid_its_melody_does_not_notice_that_others_step(made: OnDevice) -> None:
    # Given three rows, of which the middle one has a part of its melody, while the outer two step
    codes, prompt = codes_of(made, 20), codes_of(made, BEFORE)
    busy, quiet = made.open("float32"), made.open("float32")
    for model in (busy, quiet):
        for slot in range(3):
            model.open(slot, guide(made, slot))
            model.prefill(slot, prompt[: 9 if slot == 1 else BEFORE], 0)
    for place in range(20):
        busy.step(np.array([0, 2]), codes[[place, place]], np.full(2, BEFORE + place))

    # When it goes on, then it is as if nobody had been beside it
    found, wanted = (goes_on(model, prompt, codes) for model in (busy, quiet))
    assert np.array_equal(found, wanted)


def goes_on(model: StepModel, prompt: Tokens, codes: Tokens) -> Logits:
    """Behind the first step of the second row, whose melody is taken in from the ninth position."""
    model.prefill(1, prompt[9:], 9)
    return model.step(np.array([1]), codes[:1], np.array([BEFORE]))


def log_probabilities(logits: Logits) -> NDArray[np.float64]:
    wide = logits.astype(np.float64)
    wide -= wide.max(axis=-1, keepdims=True)
    found: NDArray[np.float64] = wide - np.log(np.exp(wide).sum(axis=-1, keepdims=True))
    return found


def test_float16_loses_no_more_than_an_export_allows(made: OnDevice) -> None:
    # Given the likeliest codes of float32 after a melody, when float16 takes in the same
    exact, half = made.open("float32"), made.open("float16")
    prompt, codes = codes_of(made, BEFORE), codes_of(made, 2)
    seen: list[tuple[Logits, Logits]] = []
    for model in (exact, half):
        for slot in range(2):
            model.open(slot, guide(made, slot))
            model.prefill(slot, prompt, 0)
    for place in range(100):
        both = [model.step(np.arange(2), codes, np.full(2, BEFORE + place)) for model in (exact, half)]
        seen.append((both[0], both[1]))
        codes = both[0].argmax(axis=-1)

    # Then the loss is within the tolerances that stand in Settings
    wanted, found = (log_probabilities(np.stack(logits)) for logits in zip(*seen, strict=True))
    assert float((np.exp(wanted) * (wanted - found)).sum(axis=-1).mean()) <= Settings.kl
    assert float((wanted.argmax(axis=-1) == found.argmax(axis=-1)).mean()) >= Settings.same_code


@pytest.mark.parametrize(
    ("guide", "words"),
    [
        (Guide(9, melody=chroma(CHROMA - 1), words=3), "the melody has shape [23, 12], it must be [24, 12]"),
        (Guide(9, np.zeros((17, 24), np.float32)), "have shape [17, 24], it must be [1 to 16 words, 24]"),
        (None, "is a NoneType, it must be a Guide"),
    ],
)
def test_a_conditioning_that_is_none_ends_its_own_request(made: OnDevice, guide: Guide | None, words: str) -> None:
    served, scheduler = made.served, Scheduler(made.open("float16"), Limits(prompt_chunk=16))
    good = served.request("good", served.wish(9, 4, melody=Melody(CHROMA, chroma(CHROMA), RATE)), 5)
    bad = served.request("bad", served.wish(9), 5)
    scheduler.submit(replace(bad, row=Row(bad.row.prompt, guide)))
    scheduler.submit(good)

    events = drain(scheduler)

    error = end_of(events, "bad").error
    assert isinstance(error, ModelFaultError)
    assert words in str(error)
    assert end_of(events, "good").outcome is Outcome.LENGTH


def test_a_song_takes_half_the_memory_of_float32(checkpoints: Checkpoints) -> None:
    # Two layers of four heads: keys and values of 140 positions, of 8 numbers each
    made, row = on_device(checkpoints("melody")), 2 * 2 * 2 * 4 * 140 * 8

    assert made.open("float16", CodeBookSettings(140, 5, 16, 3 * row)).slots == 3
    with pytest.raises(StepGraphError, match=f"a guided song takes {2 * row} bytes"):
        made.open("float16", CodeBookSettings(140, 5, 16, 2 * row - 1))


def test_a_graph_of_another_kind_and_a_device_that_is_not_there_are_refused(made: OnDevice) -> None:
    served, device = made.served, made.file("step", "float16")
    with pytest.raises(StepGraphError, match="these are no caches in place"):
        open_prefixed_on_device(served.step, served.folder / PREFIX, served.pattern, SETTINGS, CPU)
    with pytest.raises(StepGraphError, match="these are no caches in place"):
        open_on_device(device, served.folder / PREFIX, served.pattern, SETTINGS, CPU)
    with pytest.raises(DeviceAbsentError, match=r"is to run on cuda:0, .* install the extra `gpu`"):
        made.open("float16", device=Device("cuda"))


def test_nothing_is_computed_that_the_graph_with_a_text_apart_does_not_compute(checkpoints: Checkpoints) -> None:
    # What is left to the CPU forbids recording, and that graph has nothing of the kind
    plain, led = (
        {node.op_type for node in onnx.load(on_device(checkpoints(kind)).file("step", "float16")).graph.node}
        for kind in ("mono", "melody")
    )

    assert led <= plain
    assert "Range" not in plain
