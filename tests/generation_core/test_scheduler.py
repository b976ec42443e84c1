"""Joining, leaving, stopping, cutting the stream, refusing: one request at a time and a few together."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.generation_core.requests import WARM, alone, drain, end_of, prompt, request, tokens_of
from tests.generation_core.toy_model import ToyModel
from triton_models.generation_core.errors import (
    DeadlineExceededError,
    QueueFullError,
    RequestCancelledError,
    RequestInvalidError,
    RequestTooLargeError,
    SchedulerClosedError,
)
from triton_models.generation_core.events import Chunk, Ended, Outcome
from triton_models.generation_core.request import Boundaries, Priority, Request, Row, Sampling
from triton_models.generation_core.scheduler import Limits, Scheduler

GREEDY = Sampling(temperature=0.0)


def test_a_request_runs_to_its_length() -> None:
    scheduler = Scheduler(ToyModel())
    scheduler.submit(request("a", length=7))
    events = drain(scheduler)
    assert len(tokens_of(events, "a")) == 7
    assert end_of(events, "a") == Ended("a", Outcome.LENGTH)


def test_a_stop_token_is_the_last_one() -> None:
    free = tokens_of(drain_one(request("a", length=20, sampling=GREEDY)), "a")
    stopped = drain_one(replace(request("a", length=20, sampling=GREEDY), stop_tokens=frozenset(free[4])))
    first = free.index(free[4])
    assert tokens_of(stopped, "a") == free[: first + 1]
    assert end_of(stopped, "a").outcome is Outcome.STOPPED


class AfterThree:
    """A stop rule that counts."""

    def __init__(self) -> None:
        self.seen: list[Sequence[int]] = []

    def ends_with(self, tokens: Sequence[int]) -> bool:
        self.seen.append(tokens)
        return len(self.seen) == 3


def test_a_stop_rule_sees_each_token_once() -> None:
    rule = AfterThree()
    events = drain_one(replace(request("a", length=20), stop=rule))
    assert tokens_of(events, "a") == rule.seen
    assert len(rule.seen) == 3


def test_no_prompt_is_taken_in_twice_and_none_stalls_the_others() -> None:
    model = ToyModel()
    scheduler = Scheduler(model, Limits(prompt_chunk=8))
    scheduler.submit(request("short", 1, length=6))
    scheduler.submit(request("long", *range(20), length=2))
    drain(scheduler)
    assert model.calls[:6] == ["prefill 8", "step 1", "prefill 8", "step 1", "prefill 3", "step 2"]


def test_two_long_prompts_take_turns() -> None:
    model = ToyModel()
    scheduler = Scheduler(model, Limits(prompt_chunk=4))
    scheduler.submit(request("first", *range(17), length=1))
    scheduler.submit(request("second", *range(5), length=1))
    events = drain(scheduler)
    assert [event.request_id for event in events if isinstance(event, Ended)] == ["second", "first"]


def test_requests_join_while_others_run() -> None:
    model = ToyModel(slots=4)
    scheduler = Scheduler(model)
    events = []
    for name in "abc":
        scheduler.submit(request(name, length=12, seed=ord(name)))
        events += scheduler.step() + scheduler.step()
    events += drain(scheduler)
    assert model.widest_step == 3
    for name in "abc":
        assert tokens_of(events, name) == alone(request(name, length=12, seed=ord(name)))


def drain_one(wanted: Request) -> list[Chunk | Ended]:
    scheduler = Scheduler(ToyModel())
    scheduler.submit(wanted)
    return drain(scheduler)


@pytest.mark.parametrize("opening", [True, False])
def test_the_stream_is_cut_at_boundary_tokens(opening: bool) -> None:
    plain = [token for (token,) in tokens_of(drain_one(request("a", length=30)), "a")]
    bar = plain[7]
    events = drain_one(replace(request("a", length=30), boundaries=Boundaries(frozenset({bar}), opening=opening)))
    chunks = [event.tokens[:, 0].tolist() for event in events if isinstance(event, Chunk)]
    assert [token for chunk in chunks for token in chunk] == plain
    assert len(chunks) > 1
    for chunk in chunks[1:] if opening else chunks[:-1]:
        assert chunk[0 if opening else -1] == bar
        assert chunk.count(bar) == 1


def test_the_stream_is_cut_every_few_positions() -> None:
    events = drain_one(replace(request("a", length=11), boundaries=Boundaries(every=4)))
    assert [len(event.tokens) for event in events if isinstance(event, Chunk)] == [4, 4, 3]


def test_a_chunk_is_told_in_the_step_that_completes_it() -> None:
    scheduler = Scheduler(ToyModel())
    scheduler.submit(replace(request("a", 1, length=9), boundaries=Boundaries(every=3)))
    told = [len(scheduler.step()) for _ in range(9)]
    assert told == [0, 0, 1, 0, 0, 1, 0, 0, 2]


def test_guidance_moves_the_logits_away_from_the_unconditional_row() -> None:
    plain = request("a", length=10, sampling=GREEDY)
    other = Row(prompt(9), conditioning="nothing")
    pair = replace(plain, unconditional=other, guidance=1.0)
    assert alone(pair) == alone(plain)
    assert alone(replace(pair, guidance=0.0)) != alone(plain)
    # With guidance 0 only the unconditional row counts; both rows took in the same tokens.
    assert alone(replace(pair, guidance=0.0)) == alone(replace(plain, row=other))
    assert alone(replace(pair, guidance=3.0)) != alone(plain)


def test_code_books_are_drawn_side_by_side() -> None:
    wanted = Request("a", Row(prompt(1, 2, books=4)), 5, sampling=WARM, seed=3)
    made = alone(wanted, books=4)
    assert [len(place) for place in made] == [4] * 5
    assert len({tuple(place) for place in made}) > 1


def test_a_waiting_request_begins_when_a_slot_is_free() -> None:
    model = ToyModel(slots=1)
    scheduler = Scheduler(model)
    for name in "ab":
        scheduler.submit(request(name))
    scheduler.step()
    assert scheduler.waiting == 1
    events = drain(scheduler)
    assert model.widest_step == 1
    assert [event.request_id for event in events if isinstance(event, Ended)] == ["a", "b"]


def test_a_full_queue_refuses_and_changes_nothing() -> None:
    scheduler = Scheduler(ToyModel(slots=1), Limits(most_waiting=1))
    scheduler.submit(request("runs"))
    scheduler.submit(request("waits"))
    with pytest.raises(QueueFullError) as refusal:
        scheduler.submit(request("too many"))
    assert refusal.value.waiting == 2
    events = drain(scheduler)
    assert {event.request_id for event in events} == {"runs", "waits"}
    assert scheduler.snapshot().refused == 1
    scheduler.submit(request("too many"))
    assert end_of(drain(scheduler), "too many").outcome is Outcome.LENGTH


def test_what_can_never_fit_is_refused_at_once() -> None:
    scheduler = Scheduler(ToyModel(slots=1, context=10))
    with pytest.raises(RequestTooLargeError) as long:
        scheduler.submit(request("long", 1, 2, 3, length=9))
    assert (long.value.what, long.value.wanted, long.value.available) == ("positions", 11, 10)
    with pytest.raises(RequestTooLargeError) as wide:
        scheduler.submit(replace(request("wide"), unconditional=Row(prompt(1))))
    assert (wide.value.what, wide.value.wanted, wide.value.available) == ("slots", 2, 1)
    assert scheduler.idle
    scheduler.submit(request("fits", 1, 2, 3, length=8))
    assert end_of(drain(scheduler), "fits").outcome is Outcome.LENGTH


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((0, 1), np.int64),
        np.zeros(3, np.int64),
        np.zeros((3, 2), np.int64),
        np.zeros((3, 1), np.int32),
        prompt(24),
        prompt(-1),
    ],
)
def test_prompts_that_are_none_are_refused(wrong: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> None:
    scheduler = Scheduler(ToyModel(vocabulary=24))
    with pytest.raises(RequestInvalidError):
        scheduler.submit(Request("a", Row(wrong), 3))
    assert scheduler.idle


@pytest.mark.parametrize(
    "wrong", [{"max_tokens": 0}, {"seed": -1}, {"weight": 0.0}, {"guidance": float("nan")}, {"seed": 2**63}]
)
def test_requests_that_mean_nothing_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(RequestInvalidError):
        replace(request("a"), **wrong)  # type: ignore[arg-type]


def test_the_same_name_twice_is_refused() -> None:
    scheduler = Scheduler(ToyModel())
    scheduler.submit(request("a"))
    with pytest.raises(RequestInvalidError):
        scheduler.submit(request("a"))
    assert len(tokens_of(drain(scheduler), "a")) == 6


@pytest.mark.parametrize("steps", range(6))
def test_cancelling_frees_the_slots_at_once(steps: int) -> None:
    model = ToyModel(slots=2)
    scheduler = Scheduler(model, Limits(prompt_chunk=2))
    scheduler.submit(replace(request("a", 1, 2, 3, 4), unconditional=Row(prompt(1, 2, 3))))
    before = [event for _ in range(steps) for event in scheduler.step()]
    scheduler.cancel("a")
    assert model.rows == {}
    events = before + drain(scheduler)
    end = end_of(events, "a")
    assert end.outcome is Outcome.CANCELLED
    assert isinstance(end.error, RequestCancelledError)
    assert scheduler.snapshot().active_slots == 0


def test_cancelling_what_is_over_does_nothing() -> None:
    scheduler = Scheduler(ToyModel())
    scheduler.submit(request("a"))
    drain(scheduler)
    scheduler.cancel("a")
    scheduler.cancel("never seen")
    assert scheduler.idle


def test_a_deadline_ends_what_waits_and_what_runs() -> None:
    now = [100.0]
    model = ToyModel(slots=1)
    scheduler = Scheduler(model, clock=lambda: now[0])
    scheduler.submit(replace(request("runs", 1, length=50), deadline=105.0))
    scheduler.submit(replace(request("waits", 1), deadline=104.0))
    scheduler.submit(request("later", 1))
    events = scheduler.step()
    now[0] = 104.0
    events += scheduler.step()
    assert [event.request_id for event in events] == ["waits"]
    now[0] = 105.0
    events += scheduler.step()
    assert [event.request_id for event in events if isinstance(event, Ended)] == ["waits", "runs"]
    events += drain(scheduler)
    for name in ("waits", "runs"):
        end = end_of(events, name)
        assert (end.outcome, type(end.error)) == (Outcome.EXPIRED, DeadlineExceededError)
    assert end_of(events, "later").outcome is Outcome.LENGTH


def test_a_shut_down_ends_everything() -> None:
    model = ToyModel(slots=1)
    scheduler = Scheduler(model)
    for name in "ab":
        scheduler.submit(request(name))
    scheduler.step()
    scheduler.fail_all(SchedulerClosedError("over"))
    events = drain(scheduler)
    assert [type(end_of(events, name).error) for name in "ab"] == [SchedulerClosedError] * 2
    assert model.rows == {}


def test_the_numbers_of_an_operator() -> None:
    now = [10.0]
    scheduler = Scheduler(ToyModel(slots=2), clock=lambda: now[0])
    for name in "abc":
        scheduler.submit(replace(request(name, 1, length=4), boundaries=Boundaries(every=2), priority=Priority.BATCH))
    now[0] = 11.0
    scheduler.step()
    seen = scheduler.snapshot()
    assert (seen.slots, seen.active_slots, seen.waiting, seen.tokens) == (2, 2, 1, 2)
    assert seen.tokens_per_second == 2 / 5
    assert seen.queue_seconds.median == 1.0
    now[0] = 12.0
    drain(scheduler)
    seen = scheduler.snapshot()
    assert (seen.active_slots, seen.waiting, seen.tokens, seen.steps) == (0, 0, 12, 8)
    assert seen.ended == dict.fromkeys(Outcome, 0) | {Outcome.LENGTH: 3}
    assert seen.queue_seconds.p95 == 2.0
    assert seen.first_boundary_seconds.p95 == 2.0
    assert (seen.prompt_tokens, seen.refused) == (0, 0)
