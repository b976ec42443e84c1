"""Drawing tokens from logits: temperature, nucleus, and guidance away from what the model does without wishes."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model_export.score.conditioning import TEXT_SIZE
from model_export.score.grammar import Mask
from model_export.score.transformer import Cache, ScoreTransformer, causal_mask

Logits = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sampling:
    """`top_p` keeps the likeliest tokens up to that share; `guidance` 1 takes the model as it is.

    Guidance: logits = without + guidance * (with - without), of Ho and Salimans (2022).
    """

    temperature: float = 0.95
    top_p: float = 0.97
    guidance: float = 1.0


PLAIN: Final = Sampling()


def guided(conditional: Logits, unconditional: Logits, guidance: float) -> Logits:
    """Logits farther from the unconditional ones by `guidance`."""
    return unconditional + guidance * (conditional - unconditional)


def draw(logits: Logits, legal: Mask, sampling: Sampling, rng: np.random.Generator) -> int:
    """One legal token; raises ValueError when none is."""
    allowed = np.flatnonzero(legal)
    if not len(allowed):
        raise ValueError("no token is legal")
    if len(allowed) == 1:
        return int(allowed[0])
    if sampling.temperature <= 0:
        return int(allowed[logits[allowed].argmax()])
    scaled = logits[allowed] / sampling.temperature
    shares = np.exp(scaled - scaled.max())
    shares /= shares.sum()
    order = np.argsort(-shares, kind="stable")
    before = np.cumsum(shares[order]) - shares[order]
    kept = order[before < sampling.top_p]
    return int(allowed[rng.choice(kept, p=shares[kept] / shares[kept].sum())])


class Reader:
    """A model that reads one sequence token by token and says what may follow; `room` tokens at most."""

    def __init__(self, model: ScoreTransformer, room: int, vector: NDArray[np.float32] | None) -> None:
        self._model = model
        self._room = room
        self._cache = Cache(model.shape, 1, room)
        self._vector = vector

    @property
    def seen(self) -> int:
        return self._cache.filled

    def read(self, tokens: list[int]) -> Logits:
        """Logits [vocabulary] behind the last of these tokens; raises ValueError when they do not fit any more."""
        seen, count = self.seen, len(tokens)
        if seen + count > self._room:
            raise ValueError(f"{seen + count} tokens do not fit into a window of {self._room}")
        positions = torch.arange(seen, seen + count)[None]
        with torch.no_grad():
            logits = self._model(
                torch.tensor([tokens]), positions, causal_mask(count, seen), self._texts(count, seen), self._cache
            )
        return np.asarray(logits[0, -1].double().numpy(), dtype=np.float64)

    def _texts(self, count: int, seen: int) -> Tensor:
        """The description belongs to the first token of all."""
        if seen or self._vector is None:
            return torch.zeros(0)
        texts = torch.zeros(1, count, TEXT_SIZE)
        texts[0, 0] = torch.from_numpy(self._vector)
        return texts


class Teller:
    """One reader with the wishes and, where there is guidance, one without them; both hear the same story."""

    def __init__(
        self,
        model: ScoreTransformer,
        prompts: tuple[list[int], list[int]],
        vector: NDArray[np.float32] | None,
        sampling: Sampling,
    ) -> None:
        """`prompts` are the tokens with and without wishes."""
        self._sampling = sampling
        self._room = model.shape.context
        conditional, unconditional = prompts
        self._readers = [Reader(model, self._room, vector)]
        self._logits = [self._readers[0].read(conditional)]
        if sampling.guidance != 1.0:
            self._readers.append(Reader(model, self._room, None))
            self._logits.append(self._readers[1].read(unconditional))

    @property
    def left(self) -> int:
        """Tokens that still fit into the window."""
        return self._room - max(reader.seen for reader in self._readers)

    def next(self, legal: Mask, rng: np.random.Generator) -> int:
        """Draw a token without telling it yet."""
        logits = self._logits[0]
        if len(self._logits) > 1:
            logits = guided(self._logits[0], self._logits[1], self._sampling.guidance)
        return draw(logits, legal, self._sampling, rng)

    def tell(self, tokens: list[int]) -> None:
        """Go on with these tokens."""
        self._logits = [reader.read(tokens) for reader in self._readers]
