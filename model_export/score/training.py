"""Training: steps over numbered batches, so that it can stop and go on without any difference. Knows no files."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import functional

from model_export.score.dataset import IGNORED, Batch, Dataset
from model_export.score.optimising import optimisers_of
from model_export.score.sizes import Recipe
from model_export.score.transformer import ScoreTransformer, Sight, packed_mask, piece_spans
from triton_models.score_language.vocabulary import TASKS

_ROWS_AT_ONCE: Final = 2  # of a step, on a CPU: smaller pieces stay in its caches


@dataclass(frozen=True, slots=True)
class StepReport:
    """What a step saw: its targets' weighted mean loss in nats, their number, the rate, the norm before clipping."""

    loss: float
    tokens: int
    rate: float
    norm: float


def rate_at(progress: float, recipe: Recipe) -> float:
    """The learning rate at a share 0 to 1 of the training: a line up, then half a cosine down."""
    if progress < recipe.warm_up:
        return recipe.rate * (progress / recipe.warm_up)
    rest = min(1.0, (progress - recipe.warm_up) / (1 - recipe.warm_up))
    return recipe.rate * (recipe.least_rate + (1 - recipe.least_rate) * 0.5 * (1 + math.cos(math.pi * rest)))


class Trainer:
    """A model in training; `half` computes in bfloat16 where the device is good at it."""

    def __init__(
        self, model: ScoreTransformer, recipe: Recipe, dataset: Dataset, *, device: str = "cpu", half: bool = False
    ) -> None:
        self.model = model.to(device)
        self.step = 0
        self._run = torch.compile(model) if device == "cuda" else model
        self._recipe = recipe
        self._dataset = dataset
        self._device = device
        self._half = half
        self._optimisers = optimisers_of(model, recipe)

    def train(self, progress: float) -> StepReport:
        """One step; `progress` is the share 0 to 1 of the training that lies behind."""
        self.model.train()
        rate = rate_at(progress, self._recipe)
        for optimiser in self._optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate
        batch = self._dataset.batch(self.step, self._recipe.rows, self.model.shape.context)
        count = int((batch.targets != IGNORED).sum())
        whole = float(batch.weights[batch.targets != IGNORED].sum())
        loss = 0.0
        for part in self._parts(batch):
            summed = (self._losses(part) * self._tensor(part.weights)).sum() / whole
            summed.backward()
            loss += summed.item()
        norm = float(torch.nn.utils.clip_grad_norm_(self.model.parameters(), self._recipe.clip))
        for optimiser in self._optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        self.step += 1
        return StepReport(loss, count, rate, norm)

    def validate(self, dataset: Dataset, batches: int) -> dict[str, float]:
        """Mean loss in nats of a token that was asked for, by task, and of `all` tokens."""
        self.model.eval()
        sums = torch.zeros(len(TASKS) + 1, dtype=torch.float64)
        counts = torch.zeros(len(TASKS) + 1, dtype=torch.float64)
        with torch.no_grad():
            for number in range(batches):
                batch = dataset.batch(number, self._recipe.rows, self.model.shape.context)
                for part in self._parts(batch):
                    losses = self._losses(part).double().cpu()
                    tasks = torch.from_numpy(part.tasks)
                    sums[-1] += losses.sum()
                    counts[-1] += int((part.targets != IGNORED).sum())
                    for index in range(len(TASKS)):
                        sums[index] += losses[tasks == index].sum()
                        counts[index] += int((tasks == index).sum())
        named = zip((*TASKS, "all"), (sums / counts.clamp(min=1)).tolist(), counts.tolist(), strict=True)
        return {name: loss for name, loss, count in named if count}

    def state(self) -> dict[str, Any]:
        """All that a later trainer needs to go on as if nothing had happened."""
        optimisers = [optimiser.state_dict() for optimiser in self._optimisers]
        return {"step": self.step, "model": self.model.state_dict(), "optimisers": optimisers}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from such a state."""
        self.step = state["step"]
        self.model.load_state_dict(state["model"])
        for optimiser, kept in zip(self._optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(kept)

    def _parts(self, batch: Batch) -> list[Batch]:
        rows = len(batch.tokens) if self._device == "cuda" else _ROWS_AT_ONCE
        return [batch.rows(start, start + rows) for start in range(0, len(batch.tokens), rows)]

    def _losses(self, batch: Batch) -> Tensor:
        """Loss of every target, shape [rows, length], 0 where there is none."""
        targets = self._tensor(batch.targets)
        texts = self._tensor(batch.texts) if batch.texts.any() else torch.zeros(0, device=self._device)
        with torch.autocast(self._device, dtype=torch.bfloat16, enabled=self._half):
            logits = self._run(
                self._tensor(batch.tokens),
                self._tensor(batch.positions),
                self._sight(batch),
                texts,
            )
        flat = functional.cross_entropy(
            logits.flatten(0, 1).float(), targets.flatten(), ignore_index=IGNORED, reduction="none"
        )
        return flat.view(targets.shape)

    def _sight(self, batch: Batch) -> Sight:
        """Spans where time is short of arithmetic, a mask where shapes must stay the same to be compiled once."""
        pieces = self._tensor(batch.pieces)
        return packed_mask(pieces) if self._device == "cuda" else piece_spans(pieces)

    def _tensor(self, values: Any) -> Tensor:
        return torch.from_numpy(values).to(self._device)
