"""Weights of the decoder as the graphs take them; a layer is read when it is written, so that one is in memory."""

import math
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from model_export.musicgen.checkpoint import Checkpoint

Matrix = NDArray[np.float32]
Vector = NDArray[np.float32]
DECODER = "decoder.model.decoder."


def read(checkpoint: Checkpoint, prefix: str) -> dict[str, Matrix]:
    """Weights below a prefix, by the rest of their names; raises CheckpointInvalidError."""
    return {name: values.numpy() for name, values in checkpoint.tensors(prefix).items()}


def layer(checkpoint: Checkpoint, index: int) -> dict[str, Matrix]:
    """Weights of one layer; linear layers are [out, in]."""
    return read(checkpoint, f"{DECODER}layers.{index}.")


def cross_attention(checkpoint: Checkpoint, index: int) -> dict[str, Matrix]:
    """Of one layer's cross-attention only."""
    return read(checkpoint, f"{DECODER}layers.{index}.encoder_attn.")


def embeddings(checkpoint: Checkpoint) -> Matrix:
    """[books * codes, hidden]: the tables of all books, one below the other.

    A table has the codes and the start token, and with a melody zeros behind them, for what is no code.
    """
    tables, more = read(checkpoint, f"{DECODER}embed_tokens."), int(checkpoint.config.melody is not None)
    padded = {name: np.pad(values, ((0, more), (0, 0))) for name, values in tables.items()}
    return stacked(padded, checkpoint.config.decoder.books)


def heads(checkpoint: Checkpoint) -> Matrix:
    """[books * vocabulary, hidden]: what turns states into logits, all books one below the other."""
    return stacked(read(checkpoint, "decoder.lm_heads."), checkpoint.config.decoder.books)


def stacked(tables: Mapping[str, Matrix], books: int) -> Matrix:
    """Tables `0.weight` and on, in order of their numbers."""
    return np.concatenate([tables[f"{book}.weight"] for book in range(books)])


def positions(hidden: int, count: int) -> Matrix:
    """Sinusoidal positions (Vaswani et al. 2017) [count, hidden], all cosines, then all sines, as in tensor2tensor.

    Computed in torch's float32, whose rounding the trained model has seen.
    """
    half = hidden // 2
    frequencies = torch.exp(torch.arange(half).float() * -(math.log(10000) / (half - 1)))
    angles = torch.arange(count).float()[:, None] * frequencies
    table = torch.cat([torch.cos(angles), torch.sin(angles)], dim=1)
    made: Matrix = torch.nn.functional.pad(table, (0, hidden % 2)).numpy()
    return made
