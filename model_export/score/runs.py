"""A training run in a folder: its log, its state, where it stops, and the checkpoint that it leaves."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch

from model_export.score import checkpoint
from model_export.score.checkpoint import Checkpoint
from model_export.score.dataset import Dataset
from model_export.score.training import StepReport, Trainer

LOG: Final = "training.jsonl"
STATE: Final = "training.pt"
_SMOOTHING: Final = 0.95


@dataclass(frozen=True, slots=True)
class Limits:
    """When a run is over: after `steps`, or, where `minutes` are given, when they have passed.

    By minutes the rate falls with the time that has passed, so that a run makes the most of a machine whose speed is
    not known; only a run by steps can be repeated bit for bit.
    """

    steps: int
    minutes: float | None = None
    validate_every: int = 100
    validation_batches: int = 4


class Clock:
    """Seconds that a run has taken, those of earlier sittings included."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._began = seconds()
        self.earlier = 0.0

    @property
    def elapsed(self) -> float:
        return self.earlier + self._seconds() - self._began


class Run:
    """Trains until its limits, writes a line for every step, and keeps its state at every validation."""

    def __init__(
        self, folder: Path, trainer: Trainer, validation: Dataset, limits: Limits, clock: Clock | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.trainer = trainer
        self._validation = validation
        self._limits = limits
        self._clock = clock or Clock()

    def resume(self) -> bool:
        """Go on where an earlier sitting stopped, if there was one; lines of steps that are taken again are dropped."""
        path = self._folder / STATE
        if not path.is_file():
            return False
        state = torch.load(path, map_location="cpu", weights_only=True)
        self.trainer.restore(state["trainer"])
        self._clock.earlier = state["seconds"]
        log = self._folder / LOG
        kept = [line for line in log.read_text().splitlines() if json.loads(line)["step"] <= self.trainer.step]
        log.write_text("".join(f"{line}\n" for line in kept))
        return True

    def tell(self, facts: Mapping[str, object]) -> None:
        """A line of the log that is no step."""
        self._log({"step": self.trainer.step, **facts})

    @property
    def progress(self) -> float:
        """The share of the training that is done, 0 to 1."""
        if self._limits.minutes is not None:
            return min(1.0, self._clock.elapsed / (60 * self._limits.minutes))
        return min(1.0, self.trainer.step / self._limits.steps)

    def train(self, watch: Callable[[StepReport, float, float], None]) -> dict[str, float]:
        """Train to the end and return the last validation; `watch` hears of steps, smoothed losses and the progress.

        Raises FloatingPointError when the loss is not finite any more; the last state is kept.
        """
        smooth = None
        while self.progress < 1.0:
            began = time.perf_counter()
            report = self.trainer.train(self.progress)
            if not torch.isfinite(torch.tensor(report.loss)):
                raise FloatingPointError(f"the loss of step {self.trainer.step} is {report.loss}")
            smooth = report.loss if smooth is None else _SMOOTHING * smooth + (1 - _SMOOTHING) * report.loss
            self._log_step(report, time.perf_counter() - began)
            watch(report, smooth, self.progress)
            if self.trainer.step % self._limits.validate_every == 0 and self.progress < 1.0:
                self._validate()
        return self._validate()

    def finish(self, made: Checkpoint) -> None:
        """Write the checkpoint."""
        checkpoint.save(self._folder, made)

    def _validate(self) -> dict[str, float]:
        losses = self.trainer.validate(self._validation, self._limits.validation_batches)
        self.tell({"validation": {task: round(loss, 4) for task, loss in losses.items()}})
        part = self._folder / f"{STATE}.part"
        torch.save({"trainer": self.trainer.state(), "seconds": self._clock.elapsed}, part)
        part.replace(self._folder / STATE)
        return losses

    def _log_step(self, report: StepReport, seconds: float) -> None:
        self._log(
            {
                "step": self.trainer.step,
                "loss": round(report.loss, 5),
                "tokens": report.tokens,
                "rate": report.rate,
                "norm": round(report.norm, 4),
                "seconds": round(seconds, 3),
            }
        )

    def _log(self, row: Mapping[str, Any]) -> None:
        with (self._folder / LOG).open("a") as log:
            log.write(json.dumps(row) + "\n")
