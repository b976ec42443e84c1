"""How surprised a model is by pieces that are told to it from their beginning."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional

from model_export.score.checkpoint import Checkpoint
from model_export.score.tasks import make_example
from model_export.score.transformer import causal_mask
from triton_models.score_language.conditioning import Wishes, prefix_tokens
from triton_models.score_language.encoding import encode
from triton_models.score_language.music import Piece


def perplexity(checkpoint: Checkpoint, pieces: Sequence[Piece]) -> float:
    """Exponential of the mean loss of a token, over as many bars of each piece as fit into a window, without wishes.

    Raises ValueError without pieces.
    """
    losses = np.concatenate([_losses(checkpoint, piece) for piece in pieces])
    return math.exp(float(losses.mean()))


def _losses(checkpoint: Checkpoint, piece: Piece) -> "np.typing.NDArray[np.float64]":
    """Loss in nats of every token of the first window, plan aside."""
    vocabulary, model = checkpoint.vocabulary, checkpoint.model
    prefix = prefix_tokens(Wishes(), "scratch", vocabulary)
    encoded = encode(piece, vocabulary, checkpoint.tokenizer)
    room = model.shape.context - len(prefix)
    example = make_example(encoded, "scratch", room, vocabulary, np.random.default_rng(0))
    tokens = torch.tensor([[*prefix, *example.tokens]])
    count = tokens.shape[1]
    with torch.no_grad():
        logits = model(tokens, torch.arange(count)[None], causal_mask(count, 0), torch.zeros(0))
    first = len(prefix) + example.written
    losses = functional.cross_entropy(logits[0, first - 1 : -1], tokens[0, first:], reduction="none")
    return np.asarray(losses.double().numpy(), dtype=np.float64)
