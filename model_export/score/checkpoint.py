"""The folder of a model: weights, configuration, tokenizer and the words of its wishes. Reads and writes.

`model.safetensors` and `config.json` are those of transformers' LlamaForCausalLM, with one weight more:
`text_projection.weight` [hidden, 384], times a sentence embedding, is added to the embedding of the token `Text`.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import load_file, save_file

from model_export.score import tokenizer
from model_export.score.conditioning import TEXT_SIZE
from model_export.score.sizes import Architecture
from model_export.score.tokenizer import ScoreTokenizer
from model_export.score.transformer import ScoreTransformer
from model_export.score.vocabulary import Vocabulary

WEIGHTS: Final = "model.safetensors"
CONFIGURATION: Final = "config.json"
CONDITIONING: Final = "conditioning.json"
_SCHEMA: Final = "cadenza.conditioning/1"


class CheckpointInvalid(ValueError):
    """A folder does not hold a model of this package; the text says what is wrong."""


@dataclass(frozen=True)
class Checkpoint:
    """A model with all that is needed to talk to it."""

    model: ScoreTransformer
    vocabulary: Vocabulary
    tokenizer: ScoreTokenizer


def configuration(shape: Architecture, tokens: int, vocabulary: Vocabulary) -> dict[str, Any]:
    """`config.json` under Llama's names."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": tokens,
        "hidden_size": shape.hidden,
        "intermediate_size": shape.intermediate,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.key_value_heads,
        "head_dim": shape.head_size,
        "hidden_act": "silu",
        "max_position_embeddings": shape.context,
        "rms_norm_eps": shape.norm_epsilon,
        "rope_theta": shape.rope_theta,
        "rope_parameters": {"rope_type": "default", "rope_theta": shape.rope_theta},
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": True,
        "bos_token_id": vocabulary.id("Text"),
        "eos_token_id": vocabulary.id("End"),
        "pad_token_id": vocabulary.id("Pad"),
        "torch_dtype": "float32",
    }


def conditioning(vocabulary: Vocabulary) -> dict[str, Any]:
    """`conditioning.json`: names of the base tokens by id, and what there is to wish for."""
    return {
        "schema": _SCHEMA,
        "text_size": TEXT_SIZE,
        "text_token": vocabulary.id("Text"),
        "genres": vocabulary.genres,
        "moods": vocabulary.moods,
        "tokens": vocabulary.names,
    }


def save(folder: Path, checkpoint: Checkpoint) -> None:
    """Write the four files; what was there before is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: value.detach().contiguous() for name, value in checkpoint.model.state_dict().items()}
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})
    shape = checkpoint.model.shape
    _write(folder / CONFIGURATION, configuration(shape, len(checkpoint.tokenizer), checkpoint.vocabulary))
    _write(folder / CONDITIONING, conditioning(checkpoint.vocabulary))
    checkpoint.tokenizer.save(folder)


def load(folder: Path) -> Checkpoint:
    """A model ready to run; raises FileNotFoundError and CheckpointInvalid."""
    shape = architecture(json.loads((folder / CONFIGURATION).read_text()))
    row = json.loads((folder / CONDITIONING).read_text())
    vocabulary = Vocabulary(tuple(row["genres"]), tuple(row["moods"]))
    if row["schema"] != _SCHEMA or tuple(row["tokens"]) != vocabulary.names:
        raise CheckpointInvalid(f"{CONDITIONING} was written by another version of the language")
    tokens = tokenizer.load(folder)
    model = ScoreTransformer(shape, len(tokens))
    model.load_state_dict(load_file(folder / WEIGHTS))
    return Checkpoint(model.eval(), vocabulary, tokens)


def architecture(row: dict[str, Any]) -> Architecture:
    """The shape that a `config.json` tells."""
    return Architecture(
        hidden=row["hidden_size"],
        intermediate=row["intermediate_size"],
        layers=row["num_hidden_layers"],
        heads=row["num_attention_heads"],
        key_value_heads=row["num_key_value_heads"],
        context=row["max_position_embeddings"],
        rope_theta=row["rope_theta"],
        norm_epsilon=row["rms_norm_eps"],
    )


def shape_document(shape: Architecture) -> dict[str, Any]:
    """An architecture as plain values, for logs."""
    return asdict(shape)


def count_parameters(model: torch.nn.Module) -> int:
    """Weights of a model; tied ones count once."""
    return sum(weight.numel() for weight in model.parameters())


def _write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
