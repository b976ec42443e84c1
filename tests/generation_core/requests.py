"""Requests for the toy model, and what they give when they are alone."""

from collections.abc import Iterable, Sequence

import numpy as np

from tests.generation_core.toy_model import ToyModel
from triton_models.generation_core.events import Chunk, Ended, Event
from triton_models.generation_core.model import Tokens
from triton_models.generation_core.request import Request, Row, Sampling
from triton_models.generation_core.scheduler import Limits, Scheduler

WARM = Sampling(temperature=0.9, top_k=12, top_p=0.9)


def prompt(*tokens: int, books: int = 1) -> Tokens:
    return np.repeat(np.array(tokens, dtype=np.int64)[:, None], books, axis=1)


def request(name: str, *tokens: int, length: int = 6, seed: int = 1, sampling: Sampling = WARM) -> Request:
    return Request(name, Row(prompt(*(tokens or (1, 2, 3)))), length, seed=seed, sampling=sampling)


def drain(scheduler: Scheduler, most_steps: int = 2_000) -> list[Event]:
    """Steps until nothing is left to do."""
    events: list[Event] = []
    for _ in range(most_steps):
        if scheduler.idle:
            return events
        events += scheduler.step()
    raise AssertionError(f"not idle after {most_steps} steps")


def tokens_of(events: Iterable[Event], name: str) -> list[list[int]]:
    """All that a request made, one list per position; checks that chunks follow each other."""
    made: list[list[int]] = []
    for event in events:
        if isinstance(event, Chunk) and event.request_id == name:
            assert event.start == len(made)
            made += event.tokens.tolist()
    return made


def end_of(events: Sequence[Event], name: str) -> Ended:
    """The one end of a request, which is its last event."""
    mine = [event for event in events if event.request_id == name]
    ends = [event for event in mine if isinstance(event, Ended)]
    assert len(ends) == 1
    assert mine[-1] is ends[0]
    return ends[0]


def alone(wanted: Request, books: int = 1, limits: Limits | None = None) -> list[list[int]]:
    """What a request makes when nobody else is there."""
    scheduler = Scheduler(ToyModel(slots=2, books=books), limits)
    scheduler.submit(wanted)
    return tokens_of(drain(scheduler), wanted.request_id)
