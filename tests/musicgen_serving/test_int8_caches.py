"""Keys and values in int8: a quarter of the memory, and no row notices another."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model_export.decoder_graphs import products
from model_export.decoder_graphs.shared_caches import SharedCaches
from model_export.graph_writer import GraphWriter
from model_export.musicgen import decoder_step, parity
from model_export.musicgen.checkpoint import read_checkpoint
from model_export.musicgen.decoder_levels import MARGIN, key_value_scales
from model_export.musicgen.decoder_runs import CrossGraph, StepGraph
from tests.generation_core.requests import drain, tokens_of
from tests.musicgen_serving.conftest import Checkpoints, Served
from triton_models.generation_core.request import Request, Row, Sampling
from triton_models.generation_core.scheduler import Limits, Scheduler
from triton_models.step_graph.code_books import CodeBookModel, CodeBookSettings, Guide, open_code_books

POSITIONS, WORDS, STEPS = 260, 16, 24


@pytest.fixture(scope="module")
def served(checkpoints: Checkpoints, tmp_path_factory: pytest.TempPathFactory) -> Served:
    """The mono checkpoint whose step graph keeps int8."""
    plain, folder = checkpoints("mono"), tmp_path_factory.mktemp("int8")
    read = read_checkpoint(plain.folder / "checkpoint")
    given = parity.texts(read.config, 4)
    cross = CrossGraph(plain.cross).run(np.repeat(plain.states[None], 4, axis=0), given.mask[:, : len(plain.states)])
    codes, _ = parity.drawn(plain.step, read.config.decoder, cross, STEPS)
    scales = key_value_scales(plain.step, read.config.decoder, cross, codes)
    made = replace(plain, folder=folder)
    decoder_step.write(read, made.step, SharedCaches(scales=scales), products.row_int8, GraphWriter(np.float32))
    made.cross.write_bytes(plain.cross.read_bytes())
    return made


def opened(served: Served, step: Path, slots: int, memory: int | None = None) -> CodeBookModel:
    return open_code_books(step, served.cross, served.pattern, CodeBookSettings(POSITIONS, slots, WORDS, memory, 2))


def request(served: Served, number: int) -> Request:
    """Behind prompts of many lengths, longer than what is taken in at once."""
    prompt = np.random.default_rng(number).integers(0, 16, (1 + 13 * number, served.pattern.books))
    guide = Guide(POSITIONS, served.states if number % 2 else None)
    return Request(str(number), Row(prompt, guide), 20, seed=number, sampling=Sampling(1.0, 20))


def test_a_row_is_the_same_alone_and_among_others(served: Served) -> None:
    together, alone = (Scheduler(opened(served, served.step, 6), Limits(prompt_chunk=16)) for _ in range(2))
    for number in range(12):
        together.submit(request(served, number))

    events = drain(together)

    for number in range(12):
        alone.submit(request(served, number))
        assert tokens_of(events, str(number)) == tokens_of(drain(alone), str(number))


def test_four_times_as_many_positions_fit_into_the_memory(served: Served) -> None:
    # Two layers of four heads of 8: an octet for each number of the song, four for those of the text
    row = 2 * 2 * 4 * (POSITIONS * 8 + 4 * WORDS * 8) + 4 * WORDS

    slots = [opened(served, served.step, 5, memory).slots for memory in (2 * row, 4 * row - 1, 9 * row)]

    assert slots == [2, 3, 5]


def test_scales_leave_room_above_what_was_drawn_and_are_nowhere_zero(checkpoints: Checkpoints) -> None:
    plain = checkpoints("mono")
    d = read_checkpoint(plain.folder / "checkpoint").config.decoder
    cross = CrossGraph(plain.cross).run(plain.states[None], np.ones((1, len(plain.states)), np.int64))
    codes = np.random.default_rng(1).integers(0, d.vocabulary, (1, d.books, STEPS))
    rows = StepGraph(plain.step, d).begin(cross, STEPS)
    rows.take(codes)

    scales = key_value_scales(plain.step, d, cross, codes)

    assert len(scales) == d.layers
    for layer, pair in enumerate(scales):
        for kind, scale in zip(("key", "value"), pair, strict=True):
            largest = np.abs(rows.caches[f"past_{kind}.{layer}"]).max(axis=(0, 2)).reshape(-1)
            np.testing.assert_allclose(scale * 127, largest * MARGIN, rtol=1e-6)
            assert scale.min() > 0.0
