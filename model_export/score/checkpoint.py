"""The folder of a model: weights, configuration, tokenizer and the words of its wishes. Reads and writes.

`model.safetensors` and `config.json` are those of transformers' LlamaForCausalLM, with one weight more:
`text_projection.weight` [hidden, 384], times a sentence embedding, is added to the embedding of the token `Text`.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import save_file

from model_export.score.export import checkpoint as export_checkpoint
from model_export.score.sizes import Architecture
from model_export.score.transformer import ScoreTransformer
from triton_models.score_language import language
from triton_models.score_language.language import Language
from triton_models.score_language.tokenizer import ScoreTokenizer
from triton_models.score_language.vocabulary import Vocabulary

WEIGHTS: Final = "model.safetensors"
CONFIGURATION: Final = "config.json"


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


def save(folder: Path, checkpoint: Checkpoint) -> None:
    """Write the four files; what was there before is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: value.detach().contiguous() for name, value in checkpoint.model.state_dict().items()}
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})
    shape = checkpoint.model.shape
    document = configuration(shape, len(checkpoint.tokenizer), checkpoint.vocabulary)
    (folder / CONFIGURATION).write_text(json.dumps(document, indent=2) + "\n")
    Language(checkpoint.vocabulary, checkpoint.tokenizer).save(folder)


def load(folder: Path) -> Checkpoint:
    """A model ready to run; raises CheckpointInvalidError, FileNotFoundError and LanguageInvalidError."""
    found = export_checkpoint.load(folder)
    spoken = language.load(folder)
    model = ScoreTransformer(_shape(found.architecture), len(spoken.tokenizer))
    model.load_state_dict({name: torch.from_numpy(values) for name, values in found.weights.items()})
    return Checkpoint(model.eval(), spoken.vocabulary, spoken.tokenizer)


def _shape(found: export_checkpoint.Architecture) -> Architecture:
    """What of an exported architecture the training decides."""
    return Architecture(
        hidden=found.hidden,
        intermediate=found.intermediate,
        layers=found.layers,
        heads=found.heads,
        key_value_heads=found.kv_heads,
        context=found.context,
        rope_theta=found.rope_theta,
        norm_epsilon=found.norm_epsilon,
    )


def count_parameters(model: torch.nn.Module) -> int:
    """Weights of a model; tied ones count once."""
    return sum(weight.numel() for weight in model.parameters())
