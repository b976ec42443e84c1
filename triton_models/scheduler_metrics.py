"""What a scheduler says of itself in Triton's `/metrics`, by the custom metrics of the Python backend.

Known of Triton's module is nothing but `MetricFamily`, so that tests need no Triton.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from triton_models.generation_core.metrics import Snapshot, Times

EVERY_SECONDS: Final = 1.0
PREFIX: Final = "cadenza_scheduler_"

Numbers = Mapping[tuple[str, str], float]


class MetricFamily(Protocol):
    """`pb_utils.MetricFamily`: made with `name`, `description` and `kind`, it gives metrics by their labels."""

    @property
    def COUNTER(self) -> Any: ...

    @property
    def GAUGE(self) -> Any: ...

    def __call__(self, *, name: str, description: str, kind: Any) -> Any: ...


GAUGES: Final[Mapping[str, str]] = {
    "slots": "Rows that can be in flight",
    "active_slots": "Rows in flight",
    "waiting_requests": "Requests that wait for slots",
    "tokens_per_second": "Positions drawn a second, over the latest 5 s",
    "queue_seconds": "From arrival to the first slot, over the latest 256 requests",
    "first_boundary_seconds": "From arrival to the first part of the stream, over the latest 256 requests",
}
COUNTERS: Final[Mapping[str, str]] = {
    "steps_total": "Steps of the model",
    "tokens_total": "Positions drawn",
    "prompt_tokens_total": "Positions of prompts taken in",
    "refused_total": "Requests refused because too many waited",
    "ended_total": "Requests ended, by outcome",
    "model_seconds_total": "Seconds of steps in the model",
    "own_seconds_total": "Seconds of steps outside the model",
}


def gauges(snapshot: Snapshot) -> Numbers:
    """By name, and by quantile where there are quantiles."""
    return {
        ("slots", ""): snapshot.slots,
        ("active_slots", ""): snapshot.active_slots,
        ("waiting_requests", ""): snapshot.waiting,
        ("tokens_per_second", ""): snapshot.tokens_per_second,
        **_quantiles("queue_seconds", snapshot.queue_seconds),
        **_quantiles("first_boundary_seconds", snapshot.first_boundary_seconds),
    }


def counters(snapshot: Snapshot) -> Numbers:
    """By name, and by outcome of those that ended."""
    return {
        ("steps_total", ""): snapshot.steps,
        ("tokens_total", ""): snapshot.tokens,
        ("prompt_tokens_total", ""): snapshot.prompt_tokens,
        ("refused_total", ""): snapshot.refused,
        ("model_seconds_total", ""): snapshot.model_seconds,
        ("own_seconds_total", ""): snapshot.own_seconds,
        **{("ended_total", outcome.value): count for outcome, count in snapshot.ended.items()},
    }


class SchedulerMetrics:
    """Looks at the scheduler of `model` each second from a thread of its own, until it is closed."""

    def __init__(self, model: str, snapshot: Callable[[], Snapshot], family: MetricFamily) -> None:
        self._model = model
        self._snapshot = snapshot
        self._families = {
            name: family(name=PREFIX + name, description=text, kind=kind)
            for kind, texts in ((family.GAUGE, GAUGES), (family.COUNTER, COUNTERS))
            for name, text in texts.items()
        }
        self._metrics: dict[tuple[str, str], Any] = {}
        self._told: dict[tuple[str, str], float] = {}
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scheduler-metrics", daemon=True)
        self._thread.start()

    def tell(self) -> None:
        """Everything as it is now."""
        seen = self._snapshot()
        for key, value in gauges(seen).items():
            self._metric(key).set(float(value))
        for key, value in counters(seen).items():
            self._metric(key).increment(float(value) - self._told.get(key, 0.0))
            self._told[key] = float(value)

    def close(self) -> None:
        """Tells the last numbers; returns after the thread has ended."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.wait(EVERY_SECONDS):
            self.tell()
        self.tell()

    def _metric(self, key: tuple[str, str]) -> Any:
        if key not in self._metrics:
            name, part = key
            kind = "quantile" if name in GAUGES else "outcome"
            labels = {"model": self._model, **({kind: part} if part else {})}
            self._metrics[key] = self._families[name].Metric(labels=labels)
        return self._metrics[key]


def _quantiles(name: str, times: Times) -> dict[tuple[str, str], float]:
    return {(name, "0.5"): times.median, (name, "0.95"): times.p95}
