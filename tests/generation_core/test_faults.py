"""What fails ends the requests concerned, with a typed error; the others make what they would have made."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.generation_core.requests import alone, drain, end_of, prompt, request, tokens_of
from tests.generation_core.toy_model import ToyFailure, ToyModel
from triton_models.generation_core.errors import GrammarFaultError, ModelFaultError
from triton_models.generation_core.events import Outcome
from triton_models.generation_core.request import Mask, Row
from triton_models.generation_core.scheduler import Scheduler


class Even:
    """Allows even tokens only."""

    def __init__(self) -> None:
        self.seen: list[Sequence[int]] = []

    def legal(self) -> Mask | None:
        mask: Mask = np.arange(24)[None] % 2 == 0
        return mask

    def accept(self, tokens: Sequence[int]) -> None:
        self.seen.append(tokens)


class FirstOnly(Even):
    """Allows everything once, and nothing afterwards."""

    def legal(self) -> Mask | None:
        return None if not self.seen else np.zeros((1, 24), dtype=np.bool_)


class Broken(Even):
    """Fails at the second token."""

    def accept(self, tokens: Sequence[int]) -> None:
        super().accept(tokens)
        if len(self.seen) == 2:
            raise KeyError("no such state")


class WrongSize(Even):
    """A mask for another vocabulary."""

    def legal(self) -> Mask | None:
        return np.ones((1, 23), dtype=np.bool_)


class BrokenStop:
    """A stop rule that fails."""

    def ends_with(self, tokens: Sequence[int]) -> bool:
        raise ZeroDivisionError


def test_a_grammar_allows_what_it_allows() -> None:
    grammar = Even()
    scheduler = Scheduler(ToyModel())
    scheduler.submit(replace(request("even", length=20), grammar=grammar))
    scheduler.submit(request("free", length=20))
    events = drain(scheduler)
    made = tokens_of(events, "even")
    assert made == grammar.seen
    assert {token % 2 for (token,) in made} == {0}
    assert tokens_of(events, "free") == alone(request("free", length=20))
    assert {token % 2 for (token,) in tokens_of(events, "free")} == {0, 1}


@pytest.mark.parametrize("grammar", [FirstOnly(), Broken(), WrongSize()])
def test_a_grammar_that_fails_ends_its_own_request(grammar: Even) -> None:
    model = ToyModel()
    scheduler = Scheduler(model)
    scheduler.submit(replace(request("bad", length=9), grammar=grammar))
    scheduler.submit(request("good", length=9))
    events = drain(scheduler)
    end = end_of(events, "bad")
    assert (end.outcome, type(end.error)) == (Outcome.FAILED, GrammarFaultError)
    assert tokens_of(events, "good") == alone(request("good", length=9))
    assert model.rows == {}


def test_a_stop_rule_that_fails_ends_its_own_request() -> None:
    scheduler = Scheduler(ToyModel())
    scheduler.submit(replace(request("bad", length=9), stop=BrokenStop()))
    scheduler.submit(request("good", length=9))
    events = drain(scheduler)
    assert isinstance(end_of(events, "bad").error, GrammarFaultError)
    assert tokens_of(events, "good") == alone(request("good", length=9))


@pytest.mark.parametrize("after", range(5))
def test_one_row_on_which_the_model_fails_does_not_spoil_the_batch(after: int) -> None:
    model = ToyModel()
    scheduler = Scheduler(model)
    for name in ("first", "bad", "last"):
        scheduler.submit(request(name, length=9))
    events = [event for _ in range(after) for event in scheduler.step()]

    def fail(slot: int) -> None:
        if slot == 1:
            raise ToyFailure("row 1")

    model.before_row = fail
    events += drain(scheduler)
    end = end_of(events, "bad")
    assert (end.outcome, type(end.error)) == (Outcome.FAILED, ModelFaultError)
    assert "row 1" in str(end.error)
    for name in ("first", "last"):
        assert end_of(events, name).outcome is Outcome.LENGTH
        assert tokens_of(events, name) == alone(request(name, length=9))
    assert model.rows == {}


def test_a_fault_that_passes_concerns_nobody() -> None:
    model = ToyModel()
    scheduler = Scheduler(model)
    for name in "ab":
        scheduler.submit(request(name, length=9))
    events = scheduler.step() + scheduler.step() + scheduler.step()
    faults = [ToyFailure("once")]

    def fail_once() -> None:
        if faults:
            raise faults.pop()

    model.before_step = fail_once
    events += drain(scheduler)
    for name in "ab":
        assert tokens_of(events, name) == alone(request(name, length=9))


def test_a_model_that_fails_on_everything_ends_everything_and_serves_the_next() -> None:
    model = ToyModel()
    scheduler = Scheduler(model)
    for name in "abc":
        scheduler.submit(request(name, length=9))
    for _ in range(4):
        scheduler.step()

    def fail() -> None:
        raise MemoryError("no more")

    model.before_step = fail
    events = drain(scheduler)
    assert {type(end_of(events, name).error) for name in "abc"} == {ModelFaultError}
    assert model.rows == {}
    model.before_step = lambda: None
    scheduler.submit(request("next"))
    assert tokens_of(drain(scheduler), "next") == alone(request("next"))


def test_logits_that_are_no_numbers_end_their_own_request() -> None:
    model = ToyModel()
    scheduler = Scheduler(model)
    for name in ("good", "bad"):
        scheduler.submit(request(name, length=9))
    model.spoiled = {1}
    events = drain(scheduler)
    assert isinstance(end_of(events, "bad").error, ModelFaultError)
    assert tokens_of(events, "bad") == []
    assert tokens_of(events, "good") == alone(request("good", length=9))


def test_a_slot_that_cannot_be_opened_is_free_again() -> None:
    model = ToyModel(slots=2)
    scheduler = Scheduler(model)
    broken = Row(prompt(1), conditioning=ToyFailure("no such vector"))
    scheduler.submit(replace(request("bad"), row=broken))
    scheduler.submit(request("good"))
    events = drain(scheduler)
    assert isinstance(end_of(events, "bad").error, ModelFaultError)
    assert tokens_of(events, "good") == alone(request("good"))
    assert scheduler.snapshot().active_slots == 0
    assert model.rows == {}
