"""What an operator wants to know of a scheduler: counters since its start, and times over the latest requests."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from triton_models.generation_core.events import Outcome

LATEST_REQUESTS: Final = 256
RATE_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Times:
    """Seconds over the latest requests; zero while there are none."""

    median: float
    p95: float


@dataclass(frozen=True)
class Snapshot:
    """`tokens_per_second` over the latest 5 s, positions drawn; `own_seconds` is the steps' time outside the model."""

    slots: int
    active_slots: int
    waiting: int
    tokens_per_second: float
    queue_seconds: Times
    first_boundary_seconds: Times
    steps: int
    tokens: int
    prompt_tokens: int
    refused: int
    ended: Mapping[Outcome, int]
    model_seconds: float
    own_seconds: float


class Meter:
    """Counts; knows nothing of requests but the numbers it is told. Times are of the scheduler's clock, in seconds."""

    def __init__(self) -> None:
        self.steps = 0
        self.tokens = 0
        self.prompt_tokens = 0
        self.refused = 0
        self.model_seconds = 0.0
        self.own_seconds = 0.0
        self.ended: Counter[Outcome] = Counter()
        self.queued = deque[float](maxlen=LATEST_REQUESTS)
        self.to_boundary = deque[float](maxlen=LATEST_REQUESTS)
        self._rate = deque[tuple[float, int]]()

    def step(self, ended_at: float, seconds: float, in_model: float, tokens: int) -> None:
        """One step took `seconds`, `in_model` of them in the model, and drew so many positions."""
        self.steps += 1
        self.tokens += tokens
        self.model_seconds += in_model
        self.own_seconds += seconds - in_model
        self._rate.append((ended_at, tokens))
        self._drop_old(ended_at)

    def snapshot(self, now: float, slots: int, active_slots: int, waiting: int) -> Snapshot:
        """Everything at once."""
        self._drop_old(now)
        return Snapshot(
            slots=slots,
            active_slots=active_slots,
            waiting=waiting,
            tokens_per_second=sum(tokens for _, tokens in self._rate) / RATE_SECONDS,
            queue_seconds=_times(self.queued),
            first_boundary_seconds=_times(self.to_boundary),
            steps=self.steps,
            tokens=self.tokens,
            prompt_tokens=self.prompt_tokens,
            refused=self.refused,
            ended={outcome: self.ended[outcome] for outcome in Outcome},
            model_seconds=self.model_seconds,
            own_seconds=self.own_seconds,
        )

    def _drop_old(self, now: float) -> None:
        while self._rate and self._rate[0][0] < now - RATE_SECONDS:
            self._rate.popleft()


def _times(seconds: Sequence[float]) -> Times:
    if not seconds:
        return Times(0.0, 0.0)
    ordered = sorted(seconds)
    return Times(ordered[len(ordered) // 2], ordered[len(ordered) * 95 // 100])
