"""Stage `load`: a checkpoint folder in the hub's Llama format, read as safetensors. Never unpickles."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from model_export.decoder_graphs.heads import Heads

Weights = Mapping[str, NDArray[np.float32]]
# A sentence embedding, times this, is added to the embedding of one token: `bos_token_id` of config.json.
TEXT = "text_projection.weight"


class CheckpointInvalidError(ValueError):
    """The folder holds no checkpoint that can be exported; the text says what is wrong with it."""


@dataclass(frozen=True)
class Architecture:
    """Sizes of the decoder. `text` is the length of a sentence embedding, 0 when the checkpoint takes none.

    The embedding is projected and added where the token is `text_token`.
    """

    vocabulary: int
    hidden: int
    intermediate: int
    layers: int
    heads: int
    kv_heads: int
    head_size: int
    context: int
    norm_epsilon: float
    rope_theta: float
    text: int
    text_token: int

    @property
    def attention(self) -> Heads:
        return Heads(self.layers, self.heads, self.kv_heads, self.head_size, self.context)

    @property
    def parameters(self) -> int:
        """Weights of the decoder, the shared table counted once."""
        attention = self.hidden * self.head_size * 2 * (self.heads + self.kv_heads)
        layer = attention + 3 * self.hidden * self.intermediate + 2 * self.hidden
        return self.vocabulary * self.hidden + self.layers * layer + self.hidden


@dataclass(frozen=True)
class Checkpoint:
    """Weights by their published names, the sizes, and the digest of the weight file."""

    architecture: Architecture
    weights: Weights
    folder: Path
    sha256: str


def load(folder: Path) -> Checkpoint:
    """Read `config.json` and `model.safetensors`; raises CheckpointInvalidError."""
    config = _config(folder / "config.json")
    file = folder / "model.safetensors"
    try:
        found = load_file(file)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
    except (OSError, SafetensorError, ValueError) as error:
        raise CheckpointInvalidError(f"model.safetensors cannot be read: {error}") from error
    weights = {name: values.astype(np.float32) for name, values in found.items()}
    architecture = _architecture(config, weights)
    for name, shape in shapes(architecture).items():
        _check(name, shape, weights)
    return Checkpoint(architecture, weights, folder, digest)


def shapes(architecture: Architecture) -> dict[str, tuple[int, ...]]:
    """Every weight that the export reads, with its shape; linear layers are [out, in]."""
    a = architecture
    layer = {
        "input_layernorm.weight": (a.hidden,),
        "self_attn.q_proj.weight": (a.heads * a.head_size, a.hidden),
        "self_attn.k_proj.weight": (a.kv_heads * a.head_size, a.hidden),
        "self_attn.v_proj.weight": (a.kv_heads * a.head_size, a.hidden),
        "self_attn.o_proj.weight": (a.hidden, a.heads * a.head_size),
        "post_attention_layernorm.weight": (a.hidden,),
        "mlp.gate_proj.weight": (a.intermediate, a.hidden),
        "mlp.up_proj.weight": (a.intermediate, a.hidden),
        "mlp.down_proj.weight": (a.hidden, a.intermediate),
    }
    named = {f"model.layers.{index}.{name}": shape for index in range(a.layers) for name, shape in layer.items()}
    text = {TEXT: (a.hidden, a.text)} if a.text else {}
    return {"model.embed_tokens.weight": (a.vocabulary, a.hidden), "model.norm.weight": (a.hidden,), **named, **text}


def _config(file: Path) -> dict[str, Any]:
    try:
        config = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise CheckpointInvalidError(f"config.json cannot be read: {error}") from error
    if not isinstance(config, dict):
        raise CheckpointInvalidError("config.json is no object")
    wanted = {"model_type": "llama", "hidden_act": "silu", "tie_word_embeddings": True}
    wanted |= dict.fromkeys(("attention_bias", "mlp_bias"), False)
    for name, value in wanted.items():
        if config.get(name, value if value is False else None) != value:
            raise CheckpointInvalidError(f"config.json: {name} is {config.get(name)!r}, only {value!r} can be exported")
    return config


def _architecture(config: Mapping[str, Any], weights: Weights) -> Architecture:
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    if rope.get("rope_type", "default") != "default":
        raise CheckpointInvalidError(f"config.json: rope_type is {rope['rope_type']!r}, only 'default' can be exported")
    text = weights.get(TEXT)
    try:
        heads = int(config["num_attention_heads"])
        made = Architecture(
            vocabulary=int(config["vocab_size"]),
            hidden=int(config["hidden_size"]),
            intermediate=int(config["intermediate_size"]),
            layers=int(config["num_hidden_layers"]),
            heads=heads,
            kv_heads=int(config.get("num_key_value_heads") or heads),
            head_size=int(config.get("head_dim") or config["hidden_size"] // heads),
            context=int(config["max_position_embeddings"]),
            norm_epsilon=float(config["rms_norm_eps"]),
            rope_theta=float(rope.get("rope_theta") or config.get("rope_theta") or 10_000.0),
            text=0 if text is None else int(text.shape[-1]),
            text_token=-1 if text is None else int(config["bos_token_id"]),
        )
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise CheckpointInvalidError(f"config.json: {error!r}") from error
    if made.kv_heads < 1 or made.heads % made.kv_heads or made.head_size % 2:
        raise CheckpointInvalidError("config.json: heads do not divide by key/value heads, or the head size is odd")
    return made


def _check(name: str, shape: tuple[int, ...], weights: Weights) -> None:
    if name not in weights:
        raise CheckpointInvalidError(f"model.safetensors has no {name}")
    found = weights[name].shape
    if found != shape:
        raise CheckpointInvalidError(f"{name} has shape {list(found)}, config.json says {list(shape)}")
    if not np.isfinite(weights[name]).all():
        raise CheckpointInvalidError(f"{name} has values that are no numbers")
