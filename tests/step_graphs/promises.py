"""What every model of scores keeps under the scheduler, whatever runs it."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from model_export.score.export.reference import Reference
from tests.generation_core.requests import drain, end_of, tokens_of
from tests.step_graphs.checkpoints import TEXT, TEXT_TOKEN, VOCABULARY
from triton_models.generation_core.events import Event, Outcome
from triton_models.generation_core.model import StepModel
from triton_models.generation_core.request import Request, Row, Sampling
from triton_models.generation_core.scheduler import Limits, Scheduler

LIMITS = Limits(most_waiting=600, prompt_chunk=16)


def text(seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.random.default_rng(seed).normal(size=TEXT).astype(np.float32)


def row(seed: int, length: int) -> Row:
    """A text in front of `length` tokens."""
    tokens = np.random.default_rng(seed).integers(0, VOCABULARY, length)
    return Row(np.concatenate([[TEXT_TOKEN], tokens]).astype(np.int64)[:, None], text(seed))


def loads(count: int) -> Iterator[Request]:
    """Prompts and lengths of all kinds, every fourth with guidance."""
    chance = np.random.default_rng(5)
    for number in range(count):
        sampling = Sampling(1.0, 20, 0.95) if number % 3 else Sampling(temperature=0.0)
        prompted, length = int(chance.integers(0, 50)), int(chance.integers(1, 40))
        plain = Request(str(number), row(number, prompted), length, seed=number, sampling=sampling)
        yield replace(plain, unconditional=Row(np.array([[3]])), guidance=2.5) if number % 4 == 0 else plain


def makes_the_published_tokens(model: StepModel, reference: Reference) -> None:
    """Three requests of several lengths at once, without chance, against the checkpoint itself."""
    scheduler = Scheduler(model, LIMITS)
    rows = [row(seed, 5 + 20 * seed) for seed in range(3)]
    for number, each in enumerate(rows):
        scheduler.submit(Request(str(number), each, 60, sampling=Sampling(temperature=0.0)))
    events = drain(scheduler)
    for number, each in enumerate(rows):
        wanted, _ = reference.greedy(each.prompt.T, text(number)[None], 60)
        assert [token for (token,) in tokens_of(events, str(number))] == wanted[0].tolist()
        assert len(set(wanted[0].tolist())) > 3


def makes_the_same_in_company(opened: Callable[[], StepModel]) -> None:
    """Requests that join under way make what they make alone."""
    together, alone = (Scheduler(opened(), LIMITS) for _ in range(2))
    events: list[Event] = []
    for number, wanted in enumerate(loads(20)):
        together.submit(wanted)
        if number % 2:
            events += together.step()
    events += drain(together)
    for wanted in loads(20):
        alone.submit(wanted)
        name = wanted.request_id
        assert tokens_of(events, name) == tokens_of(drain(alone), name)
        assert end_of(events, name).outcome is Outcome.LENGTH
