"""MusicGen's plans, with onnxruntime on the CPU behind TensorRT's calls: the published codes, in any company."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from model_export.decoder_graphs import products
from model_export.decoder_graphs.lengths import fix_lengths
from model_export.decoder_graphs.updated_caches import UpdatedCaches
from model_export.graph_writer import GraphWriter
from model_export.musicgen import decoder_cross, decoder_step
from model_export.musicgen.checkpoint import read_checkpoint
from model_export.tensorrt.graphs import MUSICGEN
from tests.generation_core.requests import drain, end_of, tokens_of
from tests.musicgen_serving.conftest import WORDS, Served, served_by
from tests.musicgen_serving.test_code_books import FRAMES, GREEDY, frames_of, songs
from tests.step_graph_plans.conftest import FORMS
from tests.step_graph_plans.plans import Machine, described
from triton_models.code_books.frames import FrameReader
from triton_models.generation_core.events import Event, Outcome
from triton_models.generation_core.model import StepModel
from triton_models.generation_core.scheduler import Limits, Scheduler
from triton_models.musicgen.checkpoint import PLANNED_CROSS, PLANNED_STEP, PREFIX
from triton_models.step_graph.code_books import CodeBookSettings
from triton_models.step_graph.devices import CPU
from triton_models.step_graph.plans.models import open_code_book_plans, open_prefixed_plan
from triton_models.step_graph.plans.place import rounded
from triton_models.step_graph.sessions import StepGraphError

SETTINGS = CodeBookSettings(260, 6, 16)


@dataclass(frozen=True)
class Planned:
    """Plans of one checkpoint in every form, in `folder`."""

    served: Served
    folder: Path

    def open(self, form: str, settings: CodeBookSettings = SETTINGS, machine: Machine | None = None) -> StepModel:
        """With so many positions for codes."""
        runtime, made = (machine or Machine()).runtime, self.served
        settings = replace(settings, positions=settings.positions + made.before(settings.words))
        step, cross = (f"{name}.{form}" for name in (PLANNED_STEP, PLANNED_CROSS))
        if made.melody is None:
            return open_code_book_plans(self.folder, step, cross, made.pattern, settings, CPU, runtime)
        return open_prefixed_plan(self.folder, step, made.folder / PREFIX, made.pattern, settings, CPU, runtime)


Plans = Callable[[str], Planned]


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Plans:
    def made(kind: str) -> Planned:
        served, folder = served_by(tmp_path_factory.mktemp("served"), kind), tmp_path_factory.mktemp("song-plans")
        read = read_checkpoint(served.folder / "checkpoint")
        for form, compute in FORMS.items():
            step, cross = (folder / f"musicgen_{graph}.{form}.onnx" for graph in ("tensorrt", "cross"))
            writer = GraphWriter(compute, step.with_suffix(".weights"))
            decoder_step.write(read, step, UpdatedCaches(), products.floating, writer)
            if served.melody is None:
                decoder_cross.write(read, cross, GraphWriter(compute))
            positions = rounded(SETTINGS.positions + served.before(SETTINGS.words))
            for file in (file for file in (step, cross) if file.exists()):
                fix_lengths(file, positions, rounded(SETTINGS.words))
        d = read.config.decoder
        described(folder, {"schema": MUSICGEN, "decoder": {"max_positions": d.max_positions}})
        Machine().build(folder, rows="1:2:8")
        return Planned(served, folder)

    return cache(made)


@pytest.mark.parametrize("kind", ["mono", "stereo", "melody"])
def test_the_scheduler_draws_the_codes_of_the_published_model(plans: Plans, kind: str) -> None:
    made, machine = plans(kind), Machine()
    served, steps = made.served, made.served.pattern.positions(FRAMES) - 1
    wanted = served.reference.generate(WORDS, np.ones_like(WORDS), steps, 3.0).codes
    scheduler = Scheduler(made.open("float32", machine=machine), Limits(prompt_chunk=16))
    for number in range(3):
        scheduler.submit(served.request(str(number), served.wish(FRAMES, sampling=GREEDY), 25))

    events = drain(scheduler)

    for number in range(3):
        assert np.array_equal(frames_of(served, events, str(number)), FrameReader(served.pattern).take(wanted.T))
    assert machine.cuda.launches > steps - 10


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["mono", "melody"])
def test_a_song_is_the_same_alone_and_among_others_that_come_and_go(plans: Plans, kind: str, form: str) -> None:
    made = plans(kind)
    together, alone = (Scheduler(made.open(form), Limits(prompt_chunk=16)) for _ in range(2))
    events: list[Event] = []
    for number, song in enumerate(songs(made.served, 14)):
        together.submit(song)
        if number % 2:
            events += together.step()
    events += drain(together)

    for song in songs(made.served, 14):
        alone.submit(song)
        assert tokens_of(events, song.request_id) == tokens_of(drain(alone), song.request_id)
        assert end_of(events, song.request_id).outcome is Outcome.LENGTH


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (CodeBookSettings(400, 6, 16), "has room for 384 positions, songs are to have 400: lay the model again"),
        (CodeBookSettings(260, 16, 16), "takes 8 rows at once, the model has 16: build it again with --rows 1:2:16"),
    ],
)
def test_plans_for_smaller_models_are_refused(plans: Plans, settings: CodeBookSettings, sentence: str) -> None:
    with pytest.raises(StepGraphError, match=sentence):
        plans("mono").open("float16", settings)
