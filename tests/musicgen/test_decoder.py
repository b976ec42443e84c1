"""The decoder's graphs beside transformers: states, logits, and what is chosen step by step with guidance."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

from model_export.decoder_graphs import products
from model_export.decoder_graphs.shared_caches import SharedCaches
from model_export.decoder_graphs.standard_caches import StandardCaches
from model_export.graph_writer import GraphWriter
from model_export.musicgen import decoder_cross, decoder_prefix, decoder_step, parity
from model_export.musicgen.checkpoint import read_checkpoint
from model_export.musicgen.config import DecoderConfig
from model_export.musicgen.decoder_runs import Codes, CrossGraph, Logits, StepGraph
from model_export.musicgen.reference import Reference, reference_of
from tests.musicgen.checkpoints import ALL_KINDS, checkpoint

TOLERANCE, STEPS, GUIDANCE = 1e-4, 250, 3.0
ROUNDING = 2 * TOLERANCE * (2 * GUIDANCE - 1)


@dataclass(frozen=True)
class Graphs:
    decoder: DecoderConfig
    text: int
    cross: Path
    step: Path
    standard: Path


def graphs(source: Path, folder: Path) -> Graphs:
    read = read_checkpoint(source)
    folder.mkdir()
    cross, melody = folder / "cross.onnx", read.config.melody
    if melody is None:
        decoder_cross.write(read, cross, GraphWriter(np.float32))
    else:
        decoder_prefix.write(read, melody, cross, GraphWriter(np.float32))
    made = {
        name: decoder_step.write(read, folder / f"{name}.onnx", caches, products.floating, GraphWriter(np.float32))
        for name, caches in (("step", SharedCaches()), ("standard", StandardCaches()))
    }
    return Graphs(read.config.decoder, read.config.text.hidden, cross, made["step"], made["standard"])


@pytest.fixture(scope="module")
def plain(mono: Path, tmp_path_factory: pytest.TempPathFactory) -> Graphs:
    return graphs(mono, tmp_path_factory.mktemp("graphs") / "mono")


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_both_graphs_choose_what_transformers_chooses(tmp_path: Path, kind: str) -> None:
    # given
    torch.set_num_threads(1)
    source = ALL_KINDS[kind](tmp_path / "checkpoint")
    made, reference = graphs(source, tmp_path / "graphs"), reference_of(read_checkpoint(source))
    given = parity.texts(read_checkpoint(source).config, 3)
    chroma = None if given.chroma is None else given.chroma[:1]
    path = reference.generate(given.words[:1], given.mask[:1], STEPS, GUIDANCE, chroma=chroma)
    both = parity.guided_texts(made.cross, reference, given)
    for file in (made.step, made.standard):
        # when
        apart = parity.largest_difference(file, made.cross, made.decoder, reference, given)
        followed = parity.follow(file, made.decoder, both, path, GUIDANCE, ROUNDING)

        # then
        assert apart.largest < TOLERANCE
        assert (followed.steps, followed.same + followed.undecided) == (STEPS, STEPS)
        assert followed.undecided <= 1
    assert len(np.unique(path.codes)) > 8  # or agreeing would be easy


@pytest.mark.parametrize("activation", ["silu", "gelu_new"])
def test_other_activations_are_computed_too(tmp_path: Path, activation: str) -> None:
    torch.set_num_threads(1)
    source = checkpoint(tmp_path / "checkpoint", activation_function=activation, num_hidden_layers=1)
    made, given = graphs(source, tmp_path / "graphs"), parity.texts(read_checkpoint(source).config, 3)
    apart = parity.largest_difference(made.step, made.cross, made.decoder, Reference(source), given)
    assert apart.largest < TOLERANCE


def codes_and_texts(made: Graphs, rows: int) -> tuple[Codes, Logits, Codes]:
    chance = np.random.default_rng(4)
    codes = chance.integers(0, made.decoder.vocabulary, (rows, made.decoder.books, 1))
    return codes, chance.normal(size=(rows, 6, made.text)).astype(np.float32), np.ones((rows, 6), np.int64)


def test_caches_may_have_any_length(plain: Graphs) -> None:
    codes, states, mask = codes_and_texts(plain, 2)
    cross, step = CrossGraph(plain.cross).run(states, mask), StepGraph(plain.step, plain.decoder)
    short, long = step.begin(cross, 3), step.begin(cross, 300)
    for _ in range(3):
        np.testing.assert_array_equal(short.take(codes).logits, long.take(codes).logits)


def test_what_a_text_is_filled_up_with_is_no_matter(plain: Graphs) -> None:
    codes, states, mask = codes_and_texts(plain, 1)
    longer = np.concatenate([states, 100.0 * np.ones_like(states)], axis=1)
    shown = np.concatenate([mask, 0 * mask], axis=1)
    cross, step = CrossGraph(plain.cross), StepGraph(plain.step, plain.decoder)
    bare = step.begin(cross.run(states, mask), 4).take(codes).logits
    filled = step.begin(cross.run(longer, shown), 4).take(codes).logits
    np.testing.assert_allclose(filled, bare, atol=1e-5)


def test_a_row_without_a_text_hears_nothing_of_the_states(plain: Graphs) -> None:
    codes, states, mask = codes_and_texts(plain, 1)
    cross, step = CrossGraph(plain.cross), StepGraph(plain.step, plain.decoder)
    told = step.begin(cross.run(states, mask), 4).take(codes).logits
    untold = step.begin(cross.run(states, 0 * mask), 4).take(codes).logits
    np.testing.assert_array_equal(step.begin(cross.run(-3.0 * states, 0 * mask), 4).take(codes).logits, untold)
    assert np.abs(told - untold).max() > 0.1


def test_weights_lie_beside_the_graph_at_pages(mono: Path, tmp_path: Path) -> None:
    read = read_checkpoint(mono)
    alone = decoder_cross.write(read, tmp_path / "alone.onnx", GraphWriter(np.float32))
    beside = decoder_cross.write(read, tmp_path / "cross.onnx", GraphWriter(np.float32, tmp_path / "cross.weights"))
    places = [
        {entry.key: entry.value for entry in constant.external_data}
        for constant in onnx.load(beside, load_external_data=False).graph.initializer
        if constant.external_data
    ]
    assert [place["location"] for place in places] == ["cross.weights"] * 5
    assert [int(place["offset"]) % 4096 for place in places] == [0] * 5
    assert beside.stat().st_size < alone.stat().st_size / 3
    given: tuple[Any, ...] = (np.ones((1, 2, 24), np.float32), np.ones((1, 2), np.int64))
    found, wanted = (CrossGraph(file).run(*given) for file in (beside, alone))
    assert sorted(found) == sorted(wanted)
    assert all(np.array_equal(found[name], values) for name, values in wanted.items())
