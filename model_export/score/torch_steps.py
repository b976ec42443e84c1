"""The model in torch as the scheduler's port: what evaluation and samples are written with. Serving uses the graph."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model_export.score.transformer import Cache, ScoreTransformer, causal_mask
from triton_models.generation_core.model import Conditioning, Logits, Tokens
from triton_models.score_language.conditioning import TEXT_SIZE


class TorchSteps:
    """A StepModel of one code book and two slots, which is a pair; rows are run one by one.

    The conditioning is a sentence embedding [384] or None; it belongs to the first token of a row.
    """

    books = 1
    slots = 2

    def __init__(self, model: ScoreTransformer) -> None:
        self._model = model
        self.context = model.shape.context
        self.vocabulary = int(model.model.embed_tokens.num_embeddings)
        self._caches: dict[int, Cache] = {}
        self._vectors: dict[int, NDArray[np.float32] | None] = {}

    def open(self, slot: int, conditioning: Conditioning) -> None:
        """See StepModel."""
        self._caches[slot] = Cache(self._model.shape, 1, self.context)
        self._vectors[slot] = None if conditioning is None else np.asarray(conditioning, dtype=np.float32)

    def prefill(self, slot: int, tokens: Tokens, start: int) -> None:
        """See StepModel."""
        self._read(slot, tokens, start)

    def step(self, slots: NDArray[np.int64], tokens: Tokens, positions: NDArray[np.int64]) -> Logits:
        """See StepModel."""
        rows = zip(slots.tolist(), tokens, positions.tolist(), strict=True)
        return np.stack([self._read(slot, row[None], position) for slot, row, position in rows])

    def close(self, slot: int) -> None:
        """See StepModel."""
        del self._caches[slot], self._vectors[slot]

    def _read(self, slot: int, tokens: Tokens, start: int) -> Logits:
        """Logits [1, vocabulary] behind the last of `tokens` [n, 1]."""
        count, cache = len(tokens), self._caches[slot]
        cache.filled = start
        positions = torch.arange(start, start + count)[None]
        with torch.no_grad():
            logits = self._model(
                torch.from_numpy(tokens.T), positions, causal_mask(count, start), self._texts(slot, count, start), cache
            )
        return np.asarray(logits[0, -1:].float().numpy(), dtype=np.float32)

    def _texts(self, slot: int, count: int, start: int) -> Tensor:
        vector = self._vectors[slot]
        if start or vector is None:
            return torch.zeros(0)
        texts = torch.zeros(1, count, TEXT_SIZE)
        texts[0, 0] = torch.from_numpy(vector)
        return texts
