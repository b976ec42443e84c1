"""The decoder in torch: Llama's layers with its names for weights, and a sentence embedding as part of the first token.

RMSNorm: Zhang and Sennrich (2019). Rotary positions: Su et al. (2021). SwiGLU: Shazeer (2020). Keys and values shared
by groups of heads: Ainslie et al. (2023).
"""

from typing import Final, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

from model_export.score.sizes import Architecture
from triton_models.score_language.conditioning import TEXT_SIZE

_SPREAD: Final = 0.02  # of fresh weights

# Where queries may look: a boolean mask [rows, 1, length, seen], or for each row the lengths of the pieces in it, one
# behind the other, which see their own past only.
Spans: TypeAlias = tuple[tuple[int, ...], ...]
Sight: TypeAlias = Tensor | Spans


class Cache:
    """Keys and values of what was seen, for `rows` sequences of at most `length` tokens."""

    def __init__(self, shape: Architecture, rows: int, length: int) -> None:
        size = (shape.layers, rows, shape.key_value_heads, length, shape.head_size)
        self.keys = torch.zeros(size)
        self.values = torch.zeros(size)
        self.filled = 0

    def extend(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Append [rows, heads, new, size] behind what is there; the whole of both comes back."""
        end = self.filled + keys.shape[2]
        self.keys[layer, :, :, self.filled : end] = keys
        self.values[layer, :, :, self.filled : end] = values
        return self.keys[layer, :, :, :end], self.values[layer, :, :, :end]


class RMSNorm(nn.Module):
    """Division by the root mean square, then a learned scale."""

    def __init__(self, size: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.epsilon = epsilon

    def forward(self, hidden: Tensor) -> Tensor:
        normal = hidden.float() * torch.rsqrt(hidden.float().pow(2).mean(-1, keepdim=True) + self.epsilon)
        return self.weight * normal.to(hidden.dtype)


class Attention(nn.Module):
    """Attention with rotary positions."""

    def __init__(self, shape: Architecture, layer: int) -> None:
        super().__init__()
        self.shape = shape
        self.layer = layer
        size = shape.head_size
        self.q_proj = nn.Linear(shape.hidden, shape.heads * size, bias=False)
        self.k_proj = nn.Linear(shape.hidden, shape.key_value_heads * size, bias=False)
        self.v_proj = nn.Linear(shape.hidden, shape.key_value_heads * size, bias=False)
        self.o_proj = nn.Linear(shape.heads * size, shape.hidden, bias=False)

    def forward(self, hidden: Tensor, turns: tuple[Tensor, Tensor], sight: Sight, cache: Cache | None) -> Tensor:
        rows, length, _ = hidden.shape
        queries = _turn(self._heads(self.q_proj(hidden), self.shape.heads), turns)
        keys = _turn(self._heads(self.k_proj(hidden), self.shape.key_value_heads), turns)
        values = self._heads(self.v_proj(hidden), self.shape.key_value_heads)
        if cache is not None:
            keys, values = cache.extend(self.layer, keys, values)
        group = self.shape.heads // self.shape.key_value_heads
        seen = _attend(queries, keys.repeat_interleave(group, dim=1), values.repeat_interleave(group, dim=1), sight)
        return self.o_proj(seen.transpose(1, 2).reshape(rows, length, -1))

    def _heads(self, projected: Tensor, count: int) -> Tensor:
        rows, length, _ = projected.shape
        return projected.view(rows, length, count, self.shape.head_size).transpose(1, 2)


class FeedForward(nn.Module):
    """SwiGLU."""

    def __init__(self, shape: Architecture) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(shape.hidden, shape.intermediate, bias=False)
        self.up_proj = nn.Linear(shape.hidden, shape.intermediate, bias=False)
        self.down_proj = nn.Linear(shape.intermediate, shape.hidden, bias=False)

    def forward(self, hidden: Tensor) -> Tensor:
        return self.down_proj(functional.silu(self.gate_proj(hidden)) * self.up_proj(hidden))


class Layer(nn.Module):
    """Attention and feed-forward, each behind its norm and added to what came in."""

    def __init__(self, shape: Architecture, number: int) -> None:
        super().__init__()
        self.self_attn = Attention(shape, number)
        self.mlp = FeedForward(shape)
        self.input_layernorm = RMSNorm(shape.hidden, shape.norm_epsilon)
        self.post_attention_layernorm = RMSNorm(shape.hidden, shape.norm_epsilon)

    def forward(self, hidden: Tensor, turns: tuple[Tensor, Tensor], sight: Sight, cache: Cache | None) -> Tensor:
        hidden = hidden + self.self_attn(self.input_layernorm(hidden), turns, sight, cache)
        return hidden + self.mlp(self.post_attention_layernorm(hidden))


class Decoder(nn.Module):
    """Everything between tokens and logits, under the names that Llama's checkpoints have behind `model.`."""

    def __init__(self, shape: Architecture, tokens: int) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(tokens, shape.hidden)
        self.layers = nn.ModuleList(Layer(shape, number) for number in range(shape.layers))
        self.norm = RMSNorm(shape.hidden, shape.norm_epsilon)


class ScoreTransformer(nn.Module):
    """Tokens to logits; embeddings are tied."""

    def __init__(self, shape: Architecture, tokens: int) -> None:
        super().__init__()
        self.shape = shape
        self.model = Decoder(shape, tokens)
        self.text_projection = nn.Linear(TEXT_SIZE, shape.hidden, bias=False)
        self.apply(_start)
        for layer in self.model.layers:
            for last in (layer.self_attn.o_proj, layer.mlp.down_proj):
                nn.init.normal_(last.weight, std=_SPREAD / (2 * shape.layers) ** 0.5)

    def forward(
        self, tokens: Tensor, positions: Tensor, sight: Sight, texts: Tensor, cache: Cache | None = None
    ) -> Tensor:
        """Logits [rows, length, vocabulary].

        `tokens` and `positions` are int64 [rows, length]; `texts` is [rows, length, 384]: a sentence embedding where a
        described piece begins, zeros elsewhere (or of no size, when there are none at all).
        """
        hidden = self.model.embed_tokens(tokens)
        if texts.numel():
            hidden = hidden + self.text_projection(texts).to(hidden.dtype)
        turns = _turns(positions, self.shape)
        for layer in self.model.layers:
            hidden = layer(hidden, turns, sight, cache)
        if cache is not None:
            cache.filled += tokens.shape[1]
        return functional.linear(self.model.norm(hidden), self.model.embed_tokens.weight)


def causal_mask(new: int, seen: int) -> Tensor:
    """Each of `new` tokens behind `seen` ones looks at everything up to itself, shape [1, 1, new, seen + new]."""
    return torch.ones(new, seen + new, dtype=torch.bool).tril(seen)[None, None]


def packed_mask(pieces: Tensor) -> Tensor:
    """The past of the same piece, shape [rows, 1, length, length]; `pieces` numbers the examples of each row."""
    length = pieces.shape[1]
    past = torch.ones(length, length, dtype=torch.bool, device=pieces.device).tril()
    return ((pieces[:, :, None] == pieces[:, None, :]) & past)[:, None]


def piece_spans(pieces: Tensor) -> Spans:
    """What `packed_mask` says, as spans; `pieces` is [rows, length]."""
    return tuple(tuple(torch.unique_consecutive(row, return_counts=True)[1].tolist()) for row in pieces)


def _attend(queries: Tensor, keys: Tensor, values: Tensor, sight: Sight) -> Tensor:
    """Attention of heads [rows, heads, length, head size]; spans leave out what a mask would compute and drop."""
    if isinstance(sight, Tensor):
        return functional.scaled_dot_product_attention(queries, keys, values, attn_mask=sight)
    rows = []
    for row, lengths in enumerate(sight):
        parts = (heads[row : row + 1].split(list(lengths), dim=2) for heads in (queries, keys, values))
        seen = [
            functional.scaled_dot_product_attention(asking, key, value, is_causal=True)
            for asking, key, value in zip(*parts, strict=True)
        ]
        rows.append(torch.cat(seen, dim=2))
    return torch.cat(rows)


def _start(module: nn.Module) -> None:
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=_SPREAD)


def _turns(positions: Tensor, shape: Architecture) -> tuple[Tensor, Tensor]:
    """Cosines and sines [rows, 1, length, head size] of the rotary angles."""
    steps = torch.arange(0, shape.head_size, 2, device=positions.device).float() / shape.head_size
    angles = positions[:, None, :, None].float() * (1.0 / shape.rope_theta**steps)
    angles = torch.cat((angles, angles), dim=-1)
    return angles.cos(), angles.sin()


def _turn(heads: Tensor, turns: tuple[Tensor, Tensor]) -> Tensor:
    """Rotate pairs, the halves of a head being the two coordinates."""
    cosines, sines = turns
    first, second = heads.chunk(2, dim=-1)
    return (heads * cosines + torch.cat((-second, first), dim=-1) * sines).to(heads.dtype)
