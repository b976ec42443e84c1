"""The decoder beside transformers' Llama, checkpoints, and trainings that stop and go on without any difference."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import LlamaForCausalLM

from model_export.score import checkpoint
from model_export.score.checkpoint import Checkpoint
from model_export.score.optimising import optimisers_of
from model_export.score.runs import LOG, Clock, Limits, Run
from model_export.score.sizes import SIZES, Recipe
from model_export.score.torch_steps import TorchSteps
from model_export.score.training import Trainer, rate_at
from model_export.score.transformer import ScoreTransformer, causal_mask, packed_mask, piece_spans
from tests.model_export.score.builders import VOCABULARY
from tests.model_export.score.test_language import TOKENIZER
from tests.model_export.score.test_windows import dataset
from triton_models.score_language.language import CONDITIONING, LanguageInvalidError

SHAPE = SIZES["test"].architecture
RECIPE = Recipe(rows=2, steps=20, rate=1e-2)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def fresh(seed: int = 0) -> ScoreTransformer:
    torch.manual_seed(seed)
    model = ScoreTransformer(SHAPE, len(TOKENIZER))
    model.eval()
    return model


def logits(model: ScoreTransformer, tokens: torch.Tensor) -> torch.Tensor:
    count = tokens.shape[1]
    positions = torch.arange(count).expand_as(tokens)
    with torch.no_grad():
        return model(tokens, positions, causal_mask(count, 0), torch.zeros(0))


def test_transformers_loads_the_checkpoint_and_gives_the_same_logits(tmp_path: Path) -> None:
    model = fresh()
    checkpoint.save(tmp_path, Checkpoint(model, VOCABULARY, TOKENIZER))
    tokens = torch.randint(0, len(TOKENIZER), (2, 40), generator=torch.Generator().manual_seed(1))

    llama, told = LlamaForCausalLM.from_pretrained(tmp_path, output_loading_info=True)

    assert set(told["missing_keys"]) <= {"lm_head.weight"}
    assert set(told["unexpected_keys"]) == {"text_projection.weight"}
    with torch.no_grad():
        theirs = llama.eval()(tokens).logits
    assert torch.allclose(logits(model, tokens), theirs, atol=1e-5)


def test_a_checkpoint_comes_back_as_it_was(tmp_path: Path) -> None:
    model = fresh()
    checkpoint.save(tmp_path, Checkpoint(model, VOCABULARY, TOKENIZER))

    again = checkpoint.load(tmp_path)

    assert again.vocabulary == VOCABULARY
    assert again.tokenizer.expansions == TOKENIZER.expansions
    assert again.model.shape == SHAPE
    assert all(torch.equal(one, two) for one, two in zip(model.parameters(), again.model.parameters(), strict=True))


def test_a_checkpoint_of_another_language_is_refused(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, Checkpoint(fresh(), VOCABULARY, TOKENIZER))
    path = tmp_path / CONDITIONING
    row = json.loads(path.read_text())
    path.write_text(json.dumps(row | {"tokens": row["tokens"][::-1]}))

    with pytest.raises(LanguageInvalidError, match="another version of the language"):
        checkpoint.load(tmp_path)


def test_the_sizes_are_what_they_are_said_to_be() -> None:
    made = fresh()

    assert checkpoint.count_parameters(made) == SHAPE.parameters(len(TOKENIZER), 384)
    assert 4e6 < SIZES["tiny"].architecture.parameters(2048, 384) < 6e6
    assert SIZES["base"].architecture.parameters(2048, 384) > 30e6
    assert SIZES["large"].architecture.parameters(2048, 384) > 250e6


def test_pieces_in_one_window_do_not_see_each_other() -> None:
    # Given two pieces alone, and packed into one row
    model = fresh()
    one, two = torch.arange(5, 15)[None], torch.arange(40, 47)[None]
    packed = torch.cat((one, two), dim=1)
    positions = torch.cat((torch.arange(10), torch.arange(7)))[None]
    pieces = torch.tensor([[0] * 10 + [1] * 7])

    # When they are read, with a mask and by spans, then each is what it is alone
    for sight in (packed_mask(pieces), piece_spans(pieces)):
        with torch.no_grad():
            together = model(packed, positions, sight, torch.zeros(0))
        assert torch.allclose(together[:, :10], logits(model, one), atol=1e-5)
        assert torch.allclose(together[:, 10:], logits(model, two), atol=1e-5)


def test_every_weight_is_stepped_once_and_only_matrices_of_layers_by_muon() -> None:
    model = fresh()

    muon, adam = optimisers_of(model, RECIPE)

    stepped = {id(weight): kind for kind in (muon, adam) for group in kind.param_groups for weight in group["params"]}
    assert set(stepped) == {id(weight) for weight in model.parameters()}
    assert {name for name, weight in model.named_parameters() if stepped[id(weight)] is muon} == {
        name for name, weight in model.named_parameters() if name.endswith("proj.weight")
    }


def test_reading_token_by_token_gives_the_logits_of_the_whole() -> None:
    model = fresh()
    tokens = [3, 14, 15, 92, 65, 35, 89, 79]
    steps = TorchSteps(model)
    steps.open(1, None)
    steps.prefill(1, np.array(tokens[:3])[:, None], 0)

    parts = [steps.step(np.array([1]), np.array([[tokens[place]]]), np.array([place]))[0, 0] for place in range(3, 8)]

    whole = logits(model, torch.tensor([tokens]))[0].numpy()
    assert np.allclose(parts, whole[3:], atol=1e-5)


def test_a_description_changes_what_follows() -> None:
    model = fresh()
    steps = TorchSteps(model)
    steps.open(0, np.ones(384, dtype=np.float32))
    steps.open(1, None)

    described, plain = steps.step(np.array([0, 1]), np.array([[2], [2]]), np.array([0, 0]))

    assert not np.allclose(described, plain)


def test_the_rate_rises_and_falls() -> None:
    recipe = replace(RECIPE, warm_up=0.1)

    assert rate_at(0.0, recipe) == 0.0
    assert rate_at(0.05, recipe) == pytest.approx(0.005)
    assert rate_at(0.1, recipe) == pytest.approx(0.01)
    assert rate_at(1.0, recipe) == pytest.approx(0.01 * recipe.least_rate)


def run_in(folder: Path, limits: Limits, clock: Clock | None = None) -> Run:
    trainer = Trainer(fresh(), RECIPE, dataset())
    return Run(folder, trainer, dataset(7), limits, clock)


def train(run: Run) -> list[float]:
    losses: list[float] = []
    run.train(lambda report, smooth, progress: losses.append(report.loss))
    return losses


def weights(run: Run) -> list[torch.Tensor]:
    return [value.clone() for value in run.trainer.model.parameters()]


def test_a_training_learns_and_says_so_in_its_log(tmp_path: Path) -> None:
    run = run_in(tmp_path, Limits(20, validate_every=10, validation_batches=1))

    losses = train(run)

    assert losses[-1] < losses[0] - 1
    rows = [json.loads(line) for line in (tmp_path / LOG).read_text().splitlines()]
    steps, checks = ([row for row in rows if name in row] for name in ("loss", "validation"))
    assert [row["step"] for row in steps] == list(range(1, 21))
    assert [row["step"] for row in checks] == [10, 20]
    assert checks[1]["validation"]["all"] < checks[0]["validation"]["all"]
    assert set(checks[1]["validation"]) <= {"scratch", "continue", "infill", "layer", "vary", "all"}


def test_a_training_that_was_stopped_goes_on_without_any_difference(tmp_path: Path) -> None:
    # Given 20 steps at once, and 20 steps of which a first sitting took 10 (and 3 more that were never kept)
    limits = Limits(20, validate_every=10, validation_batches=1)
    whole = run_in(tmp_path / "whole", limits)
    train(whole)
    first = run_in(tmp_path / "parts", limits)
    stop_after(first, 13)

    second = run_in(tmp_path / "parts", limits)
    assert second.resume()
    train(second)

    assert all(torch.equal(one, two) for one, two in zip(weights(whole), weights(second), strict=True))
    assert steps_of(tmp_path / "parts") == steps_of(tmp_path / "whole")


def stop_after(run: Run, steps: int) -> None:
    """Interrupt a training as Ctrl-C would."""

    def watch(report: object, smooth: float, progress: float) -> None:
        if run.trainer.step == steps:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.train(watch)


def steps_of(folder: Path) -> list[tuple[int, float]]:
    rows = [json.loads(line) for line in (folder / LOG).read_text().splitlines()]
    return [(row["step"], row["loss"]) for row in rows if "loss" in row]


def test_a_training_ends_with_its_time(tmp_path: Path) -> None:
    # Given a clock on which each look takes a second, and a minute of time
    ticks = iter(range(10_000))
    run = run_in(tmp_path, Limits(10**6, minutes=0.5, validation_batches=1), Clock(lambda: float(next(ticks))))

    losses = train(run)

    assert 5 < len(losses) < 30


def test_the_first_sitting_of_a_training_has_nothing_to_resume(tmp_path: Path) -> None:
    assert not run_in(tmp_path, Limits(20)).resume()
