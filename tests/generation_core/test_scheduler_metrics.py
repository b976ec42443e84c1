"""What Triton's metrics are told of a scheduler: every number once, and counters by what they grew."""

from dataclasses import replace

from tests.renderer.fake_triton import Families
from triton_models.generation_core.events import Outcome
from triton_models.generation_core.metrics import Snapshot, Times
from triton_models.scheduler_metrics import COUNTERS, GAUGES, PREFIX, SchedulerMetrics

SEEN = Snapshot(
    slots=8,
    active_slots=3,
    waiting=2,
    tokens_per_second=40.5,
    queue_seconds=Times(0.1, 0.5),
    first_boundary_seconds=Times(0.2, 0.9),
    steps=100,
    tokens=250,
    prompt_tokens=60,
    refused=1,
    ended={outcome: number for number, outcome in enumerate(Outcome)},
    model_seconds=9.0,
    own_seconds=0.5,
)


def test_every_number_is_told_and_counters_grow() -> None:
    # given a scheduler that has worked, and works on
    seen, families = [SEEN], Families()
    metrics = SchedulerMetrics("score_tiny", lambda: seen[-1], families)
    metrics.tell()
    seen.append(replace(SEEN, active_slots=0, steps=130, model_seconds=9.75))
    metrics.close()

    # then each family is there, by its labels
    assert {name for name, *_ in families.metrics} == {PREFIX + name for name in (*GAUGES, *COUNTERS)}
    assert all("model=score_tiny" in labels for _, *labels in families.metrics)
    values = {key: metric.value for key, metric in families.metrics.items()}
    model = "model=score_tiny"
    assert values[PREFIX + "slots", model] == 8
    assert values[PREFIX + "active_slots", model] == 0
    assert values[PREFIX + "queue_seconds", model, "quantile=0.95"] == 0.5
    assert values[PREFIX + "first_boundary_seconds", model, "quantile=0.5"] == 0.2
    assert values[PREFIX + "steps_total", model] == 130
    assert values[PREFIX + "model_seconds_total", model] == 9.75
    assert values[PREFIX + "tokens_total", model] == 250
    ended = [values[PREFIX + "ended_total", model, f"outcome={outcome.value}"] for outcome in Outcome]
    assert ended == list(range(len(Outcome)))
