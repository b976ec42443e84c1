"""What a song asks of a model: one window after the other, each a prompt with the rules for what may follow it."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from triton_models.generation_core.model import Logits, Tokens
from triton_models.generation_core.request import Boundaries, Mask, Priority, Request, Row, Sampling
from triton_models.score_writer.leaning import NOWHERE, USUAL, Leaning

Vector = NDArray[np.float32]
Result = TypeVar("Result")


class Rules(Protocol):
    """Which tokens may come next in a window, and what the ones that came were: a grammar of generation_core."""

    def legal(self) -> Mask:
        """[1, tokens], True where legal."""
        ...

    def accept(self, tokens: Sequence[int]) -> None:
        """This came."""
        ...

    def offsets(self, leaning: Leaning) -> Vector | None:
        """[tokens], by how much each of them is to be likelier than the model thinks; None for nothing."""
        ...

    @property
    def over(self) -> bool:
        """Whether nothing more is to come."""
        ...


@dataclass(frozen=True, eq=False)
class Window:
    """`told` are the tokens with the wishes, `bare` the same story without them; what follows is for `rules`."""

    told: Sequence[int]
    bare: Sequence[int]
    rules: Rules


# Yields windows and is resumed when the model has filled them; the rules then know what was written.
Song = Generator[Window, None, Result]


@dataclass(frozen=True, slots=True)
class Taste:
    """How tokens are drawn. `guidance` 1 takes the model as it is, `leaning` NOWHERE what it learned.

    Guidance: logits = without + guidance * (with - without), of Ho and Salimans (2022).
    """

    temperature: float = 0.95
    top_p: float = 0.97
    guidance: float = 1.0
    leaning: Leaning = USUAL

    @property
    def sampling(self) -> Sampling:
        """As the scheduler takes it."""
        return Sampling(self.temperature, 0, self.top_p)


PLAIN: Final = Taste()


@dataclass(frozen=True, eq=False)
class Manner:
    """What all windows of a song have in common: the embedding [384] of a description or None, and how it ranks."""

    seed: int
    vector: Vector | None = None
    taste: Taste = PLAIN
    owner: str = ""
    priority: Priority = Priority.STANDARD


def request_of(name: str, number: int, window: Window, manner: Manner, context: int, cuts: Boundaries) -> Request:
    """The `number`th window of a song as a request to a model with `context` positions; it may fill all of them."""
    paired = manner.taste.guidance != 1.0
    longest = max(len(window.told), len(window.bare) if paired else 0)
    return Request(
        request_id=name,
        row=Row(_prompt(window.told), manner.vector),
        max_tokens=context - longest + 1,
        seed=seed_of(manner.seed, number),
        sampling=manner.taste.sampling,
        unconditional=Row(_prompt(window.bare)) if paired else None,
        guidance=manner.taste.guidance,
        stop=_Over(window.rules),
        grammar=window.rules,
        leaning=None if manner.taste.leaning == NOWHERE else _Leaning(window.rules, manner.taste.leaning),
        boundaries=cuts,
        owner_id=manner.owner,
        priority=manner.priority,
    )


def seed_of(seed: int, number: int) -> int:
    """A seed of 63 bits for each window of a song."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1, np.uint64)[0]) >> 1


class _Leaning:
    """What the rules of a window say of its next token to those who lean so far."""

    def __init__(self, rules: Rules, leaning: Leaning) -> None:
        self._rules = rules
        self._leaning = leaning

    def offsets(self) -> Logits | None:
        """See the Leaning of generation_core."""
        offsets = self._rules.offsets(self._leaning)
        return None if offsets is None else offsets[None]


class _Over:
    """Ends a request when its rules have nothing more to say; they hear of each token before."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def ends_with(self, tokens: Sequence[int]) -> bool:
        """See StopRule."""
        return self._rules.over


def _prompt(tokens: Sequence[int]) -> Tokens:
    return np.array(tokens, dtype=np.int64)[:, None]
