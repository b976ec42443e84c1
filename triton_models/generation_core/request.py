"""What a caller asks for: prompts, sampling, where to stop, where to cut the stream, and how it ranks. Plain values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from triton_models.generation_core.errors import RequestInvalidError
from triton_models.generation_core.model import Conditioning, Logits, Tokens

Mask = NDArray[np.bool_]
MOST_SEED: Final = 2**63 - 1


class Priority(IntEnum):
    """The queues of the jobs: somebody waits, the usual, nobody waits. They share the slots 8 : 4 : 1."""

    INTERACTIVE = 0
    STANDARD = 1
    BATCH = 2


class Grammar(Protocol):
    """Which tokens may come next. It belongs to one request and sees each of its tokens once, in order."""

    def legal(self) -> Mask | None:
        """[books, vocabulary], True where legal; None when everything is. Not kept, so it may be changed later."""
        ...

    def accept(self, tokens: Sequence[int]) -> None:
        """This came, one token per book."""
        ...


class Leaning(Protocol):
    """Which tokens shall come rather than the model thinks. It belongs to one request, as its grammar does."""

    def offsets(self) -> Logits | None:
        """[books, vocabulary], finite, added to the logits before they are masked; None for nothing."""
        ...


class StopRule(Protocol):
    """Ends a request early; it belongs to one request and sees each of its tokens once, in order."""

    def ends_with(self, tokens: Sequence[int]) -> bool:
        """Whether these, one per book, are the last ones."""
        ...


@dataclass(frozen=True)
class Sampling:
    """How a token is drawn. `temperature` 0 takes the likeliest; `top_k` 0 and `top_p` 1 keep all.

    Tokens as likely as the last one kept are kept too, so that the choice is well defined.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.temperature <= 100.0:
            raise RequestInvalidError(f"the temperature is {self.temperature}, it must be from 0 to 100")
        if self.top_k < 0:
            raise RequestInvalidError(f"top-k is {self.top_k}, it must be 0 or more")
        if not 0.0 < self.top_p <= 1.0:
            raise RequestInvalidError(f"top-p is {self.top_p}, it must be above 0 and at most 1")


@dataclass(frozen=True)
class Boundaries:
    """Where a stream is cut: at tokens of the first book, which open a chunk or close it, and every few positions."""

    tokens: frozenset[int] = frozenset()
    opening: bool = True
    every: int = 0


@dataclass(frozen=True, eq=False)
class Row:
    """One sequence: its prompt [n, books], not empty, and what conditions it."""

    prompt: Tokens
    conditioning: Conditioning = None


@dataclass(frozen=True, eq=False)
class Request:
    """`unconditional` makes it a pair: logits are u + guidance * (c - u). `deadline` is a time of the scheduler.

    Ends after `max_tokens` positions, behind one of `stop_tokens` (first book), or when `stop` says so.
    """

    request_id: str
    row: Row
    max_tokens: int
    seed: int = 0
    sampling: Sampling = field(default_factory=Sampling)
    unconditional: Row | None = None
    guidance: float = 1.0
    stop_tokens: frozenset[int] = frozenset()
    stop: StopRule | None = None
    grammar: Grammar | None = None
    leaning: Leaning | None = None
    boundaries: Boundaries = field(default_factory=Boundaries)
    owner_id: str = ""
    priority: Priority = Priority.STANDARD
    weight: float = 1.0
    deadline: float = float("inf")

    def __post_init__(self) -> None:
        if self.max_tokens < 1:
            raise RequestInvalidError(f"{self.max_tokens} tokens are wanted, it must be 1 or more")
        if not 0 <= self.seed <= MOST_SEED:
            raise RequestInvalidError(f"the seed is {self.seed}, it must be from 0 to {MOST_SEED}")
        if not 0.0 < self.weight < float("inf"):
            raise RequestInvalidError(f"the weight is {self.weight}, it must be above 0")
        if not np.isfinite(self.guidance):
            raise RequestInvalidError(f"the guidance is {self.guidance}, it must be a number")

    @property
    def rows(self) -> tuple[Row, ...]:
        """The conditional row, and behind it the unconditional one if there is one."""
        return (self.row,) if self.unconditional is None else (self.row, self.unconditional)

    @property
    def positions(self) -> int:
        """Places that the longer row takes in its slot at most: the last token drawn is never taken in."""
        return max(len(row.prompt) for row in self.rows) + self.max_tokens - 1

    @property
    def cost(self) -> float:
        """Positions that the model has to work through at most, over all rows."""
        return float(sum(len(row.prompt) + self.max_tokens - 1 for row in self.rows))
