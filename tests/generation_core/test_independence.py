"""A request's tokens depend on the request alone: bit for bit the same in any company, at any load."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.generation_core.requests import alone, drain, prompt, tokens_of
from tests.generation_core.toy_model import ToyModel
from triton_models.generation_core.events import Event
from triton_models.generation_core.model import Logits
from triton_models.generation_core.request import Priority, Request, Row, Sampling
from triton_models.generation_core.scheduler import Limits, Scheduler

LIMITS = Limits(most_waiting=100, prompt_chunk=4)


class Leaning:
    """Towards one token."""

    def __init__(self, token: int) -> None:
        self._token = token

    def offsets(self) -> Logits:
        """See Leaning."""
        offsets = np.zeros((1, 24), np.float32)
        offsets[0, self._token] = 1.5
        return offsets


samplings = st.builds(
    Sampling, st.sampled_from([0.0, 0.5, 1.0, 2.0]), st.sampled_from([0, 1, 5, 100]), st.sampled_from([0.3, 0.9, 1.0])
)
rows = st.builds(
    lambda tokens, conditioning: Row(prompt(*tokens), conditioning),
    st.lists(st.integers(0, 23), min_size=1, max_size=14),
    st.sampled_from([None, "calm", "loud"]),
)


@st.composite
def loads(draw: st.DrawFn) -> list[tuple[Request, int]]:
    """Requests, each with the steps that pass before it comes."""
    count = draw(st.integers(2, 10))
    return [
        (
            Request(
                f"request {number}",
                draw(rows),
                draw(st.integers(1, 12)),
                seed=draw(st.integers(0, 3)),
                sampling=draw(samplings),
                unconditional=draw(st.none() | rows),
                guidance=draw(st.sampled_from([0.0, 1.5, 3.0])),
                stop_tokens=frozenset(draw(st.lists(st.integers(0, 23), max_size=1))),
                leaning=draw(st.none() | st.integers(0, 23).map(Leaning)),
                owner_id=draw(st.sampled_from("ab")),
                priority=draw(st.sampled_from(Priority)),
            ),
            draw(st.integers(0, 5)),
        )
        for number in range(count)
    ]


@settings(max_examples=80, deadline=None)
@given(loads())
def test_a_request_makes_the_same_in_any_company(load: list[tuple[Request, int]]) -> None:
    model = ToyModel(slots=4)
    scheduler = Scheduler(model, LIMITS)
    events: list[Event] = []
    for wanted, steps in load:
        scheduler.submit(wanted)
        for _ in range(steps):
            events += scheduler.step()
    events += drain(scheduler)
    assert model.rows == {}
    for wanted, _ in load:
        assert tokens_of(events, wanted.request_id) == alone(wanted, limits=LIMITS)


class Steep(ToyModel):
    """Almost equal logits, so that a difference in the last bit would become another token."""

    def _logits(self, slot: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        near: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = super()._logits(slot) * np.float32(1e-6)
        return near


@pytest.mark.parametrize("sampling", [Sampling(), Sampling(top_k=900), Sampling(top_p=0.7), Sampling(0.8, 50, 0.95)])
def test_sixteen_together_make_what_each_makes_alone(sampling: Sampling) -> None:
    def wanted(seed: int) -> Request:
        return Request(str(seed), Row(prompt(seed)), 12, seed=seed, sampling=sampling)

    together = Scheduler(Steep(slots=16, vocabulary=2048))
    for seed in range(16):
        together.submit(wanted(seed))
    events = drain(together)
    for seed in range(16):
        single = Scheduler(Steep(slots=1, vocabulary=2048))
        single.submit(wanted(seed))
        assert tokens_of(events, str(seed)) == tokens_of(drain(single), str(seed))
