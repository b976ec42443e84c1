"""What is asked for, and the request that it is to the scheduler. Plain values."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triton_models.code_books.delay_pattern import DelayPattern
from triton_models.generation_core.request import Boundaries, Priority, Request, Row, Sampling
from triton_models.step_graph.code_books import Guide

# As the published checkpoints are used: 250 of 2,048 codes, and guidance of 3.
SAMPLING: Final = Sampling(temperature=1.0, top_k=250)
GUIDANCE: Final = 3.0


@dataclass(frozen=True, eq=False)
class Wish:
    """`states` [words, width], float32, are the text encoder's; `guidance` 1 makes a song of one row instead of two.

    Guidance: logits = without + guidance * (with - without), of Ho and Salimans (2022).
    """

    states: NDArray[np.float32]
    frames: int
    seed: int = 0
    sampling: Sampling = field(default_factory=lambda: SAMPLING)
    guidance: float = GUIDANCE
    owner: str = ""
    priority: Priority = Priority.STANDARD


def request_of(name: str, wish: Wish, pattern: DelayPattern, every: int) -> Request:
    """The song as a request, whose stream is cut every so many frames."""
    # Where no frame stands, the model puts its start token by itself.
    beginning = np.zeros((1, pattern.books), np.int64)
    alone = wish.guidance == 1.0
    return Request(
        request_id=name,
        row=Row(beginning, Guide(wish.frames, wish.states)),
        max_tokens=pattern.positions(wish.frames) - 1,
        seed=wish.seed,
        sampling=wish.sampling,
        unconditional=None if alone else Row(beginning, Guide(wish.frames)),
        guidance=wish.guidance,
        boundaries=Boundaries(every=every),
        owner_id=wish.owner,
        priority=wish.priority,
    )
