"""Any play of submitting, cancelling, faults and time: no slot is lost, no output crossed, every request ends."""

from dataclasses import replace

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.generation_core.requests import alone, drain, end_of, prompt, tokens_of
from tests.generation_core.toy_model import ToyFailure, ToyModel
from triton_models.generation_core.errors import QueueFullError
from triton_models.generation_core.events import Ended, Event, Outcome
from triton_models.generation_core.request import Priority, Request, Row, Sampling
from triton_models.generation_core.scheduler import Limits, Scheduler

LIMITS = Limits(most_waiting=3, prompt_chunk=4)


class Play(RuleBasedStateMachine):
    """The model asserts that slots are opened, used in order and closed as they should be."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.model = ToyModel(slots=3)
        self.scheduler = Scheduler(self.model, LIMITS, clock=lambda: self.now)
        self.requests: dict[str, Request] = {}
        self.cancelled: set[str] = set()
        self.faults = 0
        self.events: list[Event] = []

    @initialize()
    def faulty(self) -> None:
        self.model.before_row = self._fail_when_told

    def _fail_when_told(self, slot: int) -> None:
        if self.faults:
            self.faults -= 1
            raise ToyFailure("told to")

    @rule(
        length=st.integers(1, 9),
        prompted=st.integers(1, 11),
        seed=st.integers(0, 5),
        paired=st.booleans(),
        priority=st.sampled_from(Priority),
        patience=st.sampled_from([3.0, 1000.0]),
    )
    def submit(self, length: int, prompted: int, seed: int, paired: bool, priority: Priority, patience: float) -> None:
        name = str(len(self.requests))
        row = Row(prompt(*range(prompted)), conditioning=name)
        wanted = Request(name, row, length, seed=seed, sampling=Sampling(top_k=8), priority=priority)
        wanted = replace(wanted, owner_id=str(seed), deadline=self.now + patience)
        if paired:
            wanted = replace(wanted, unconditional=Row(prompt(seed), conditioning="none"), guidance=2.0)
        try:
            self.scheduler.submit(wanted)
        except QueueFullError:
            assert self.scheduler.waiting >= LIMITS.most_waiting
        else:
            self.requests[name] = wanted

    @rule(number=st.integers(0, 40))
    def cancel(self, number: int) -> None:
        self.scheduler.cancel(str(number))
        self.cancelled.add(str(number))

    @rule(steps=st.integers(1, 4))
    def step(self, steps: int) -> None:
        for _ in range(steps):
            self.events += self.scheduler.step()
            self.now += 0.01

    @rule(seconds=st.sampled_from([0.5, 4.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(faults=st.integers(1, 3))
    def harm(self, faults: int) -> None:
        self.faults = faults

    @invariant()
    def slots_are_those_of_the_running(self) -> None:
        assert self.scheduler.snapshot().active_slots == len(self.model.rows)

    def teardown(self) -> None:
        self.faults = 0
        self.events += drain(self.scheduler)
        assert self.model.rows == {}
        assert sorted(self.scheduler._free) == [0, 1, 2]
        assert sum(isinstance(event, Ended) for event in self.events) == len(self.requests)
        for name, wanted in self.requests.items():
            end, made = end_of(self.events, name), tokens_of(self.events, name)
            expected = alone(replace(wanted, deadline=float("inf")), limits=LIMITS)
            if end.outcome in (Outcome.LENGTH, Outcome.STOPPED):
                assert made == expected
            else:
                assert made == expected[: len(made)]
                assert end.outcome is not Outcome.CANCELLED or name in self.cancelled


Play.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestPlay = Play.TestCase


def test_five_hundred_random_cancels_leak_nothing_and_cross_nothing() -> None:
    chance = np.random.default_rng(12)
    model = ToyModel(slots=8)
    scheduler = Scheduler(model, Limits(most_waiting=600, prompt_chunk=4))
    wanted: dict[str, Request] = {}
    doomed: list[str] = []
    events: list[Event] = []
    for number in range(600):
        name = str(number)
        row = Row(prompt(*chance.integers(0, 24, int(chance.integers(1, 12))).tolist()), conditioning=name)
        wanted[name] = Request(name, row, int(chance.integers(4, 20)), seed=number, owner_id=str(number % 5))
        if number % 4 == 0:
            wanted[name] = replace(wanted[name], unconditional=Row(prompt(0)), guidance=1.5)
        scheduler.submit(wanted[name])
        if number % 6:
            doomed.append(name)
        if len(doomed) > 6:
            scheduler.cancel(doomed.pop(int(chance.integers(len(doomed)))))
        for _ in range(int(chance.integers(0, 4))):
            events += scheduler.step()
    for name in doomed:
        scheduler.cancel(name)
    events += drain(scheduler, 5_000)
    outcomes = {name: end_of(events, name).outcome for name in wanted}
    assert model.rows == {}
    assert scheduler.snapshot().ended[Outcome.FAILED] == 0
    assert sum(outcome is Outcome.CANCELLED for outcome in outcomes.values()) > 300
    for name, outcome in outcomes.items():
        expected = alone(wanted[name], limits=Limits(prompt_chunk=4))
        made = tokens_of(events, name)
        assert made == (expected if outcome is Outcome.LENGTH else expected[: len(made)])
