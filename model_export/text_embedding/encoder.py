"""The encoder in torch, written for export: query, key and value in one product, pooling and norm inside.

Follows BERT (Devlin et al., 2018) and the mean pooling of Sentence-BERT (Reimers and Gurevych, 2019).
"""

import math

import torch
from torch import Tensor, nn

from model_export.text_embedding.checkpoint import Architecture, Checkpoint

HIDE = -1.0e4  # e**-10000 is 0 in float32, and the value still fits float16


class EncoderLayer(nn.Module):
    """One transformer layer, post-norm. Input and output [batch, tokens, hidden]."""

    def __init__(self, weights: dict[str, Tensor], prefix: str, architecture: Architecture) -> None:
        super().__init__()
        attention, sizes = f"{prefix}attention.", architecture
        parts = [f"{attention}self.{name}" for name in ("query", "key", "value")]
        self.heads = sizes.heads
        self.head_size = sizes.hidden // sizes.heads
        self.qkv = nn.Parameter(torch.cat([weights[f"{p}.weight"].T for p in parts], dim=1).contiguous())
        self.qkv_bias = nn.Parameter(torch.cat([weights[f"{p}.bias"] for p in parts]))
        self.mix = nn.Parameter(weights[f"{attention}output.dense.weight"].T.contiguous())
        self.mix_bias = nn.Parameter(weights[f"{attention}output.dense.bias"])
        self.mix_norm = layer_norm(weights, f"{attention}output.LayerNorm", sizes)
        self.up = nn.Parameter(weights[f"{prefix}intermediate.dense.weight"].T.contiguous())
        self.up_bias = nn.Parameter(weights[f"{prefix}intermediate.dense.bias"])
        self.down = nn.Parameter(weights[f"{prefix}output.dense.weight"].T.contiguous())
        self.down_bias = nn.Parameter(weights[f"{prefix}output.dense.bias"])
        self.down_norm = layer_norm(weights, f"{prefix}output.LayerNorm", sizes)

    def attend(self, hidden: Tensor, hide: Tensor) -> Tensor:
        """Multi-head attention; `hide` [batch, 1, 1, tokens] is added to the scores."""
        batch, tokens, width = hidden.shape
        joined = hidden @ self.qkv + self.qkv_bias
        split = joined.reshape(batch, tokens, 3, self.heads, self.head_size)
        query, key, value = split.permute(2, 0, 3, 1, 4).unbind(dim=0)
        scores = query @ key.transpose(-1, -2) / math.sqrt(self.head_size) + hide
        mixed = scores.softmax(dim=-1) @ value
        return mixed.transpose(1, 2).reshape(batch, tokens, width)

    def forward(self, hidden: Tensor, hide: Tensor) -> Tensor:
        hidden = self.mix_norm(hidden + self.attend(hidden, hide) @ self.mix + self.mix_bias)
        widened = nn.functional.gelu(hidden @ self.up + self.up_bias)
        normed: Tensor = self.down_norm(hidden + widened @ self.down + self.down_bias)
        return normed


class SentenceEncoder(nn.Module):
    """Token ids and attention mask, int64 [batch, tokens], to unit vectors [batch, hidden]."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__()
        weights = {name: torch.from_numpy(array) for name, array in checkpoint.weights.items()}
        sizes = checkpoint.architecture
        types = weights["embeddings.token_type_embeddings.weight"]
        self.words = nn.Parameter(weights["embeddings.word_embeddings.weight"])
        # Every token has type 0 here, so the type row is added to the positions once.
        self.positions = nn.Parameter(weights["embeddings.position_embeddings.weight"] + types[0])
        self.norm = layer_norm(weights, "embeddings.LayerNorm", sizes)
        prefixes = [f"encoder.layer.{index}." for index in range(sizes.layers)]
        self.layers = nn.ModuleList(EncoderLayer(weights, prefix, sizes) for prefix in prefixes)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        mask = attention_mask.to(self.words.dtype)
        hidden = self.norm(nn.functional.embedding(input_ids, self.words) + self.positions[: input_ids.shape[1]])
        hide = (1.0 - mask)[:, None, None, :] * HIDE
        for layer in self.layers:
            hidden = layer(hidden, hide)
        weighted = (hidden * mask[:, :, None]).sum(dim=1) / mask.sum(dim=1, keepdim=True).clamp(min=1.0)
        return weighted / weighted.square().sum(dim=1, keepdim=True).sqrt().clamp(min=1e-12)


def layer_norm(weights: dict[str, Tensor], name: str, architecture: Architecture) -> nn.LayerNorm:
    """Layer norm over the hidden axis with the published scale and shift."""
    norm = nn.LayerNorm(architecture.hidden, eps=architecture.norm_epsilon)
    norm.weight = nn.Parameter(weights[f"{name}.weight"])
    norm.bias = nn.Parameter(weights[f"{name}.bias"])
    return norm
