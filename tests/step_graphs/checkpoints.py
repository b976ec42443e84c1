"""Random checkpoints in exactly the published format, with odd sizes, made by transformers itself."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from transformers import LlamaConfig, LlamaForCausalLM

VOCABULARY, CONTEXT, TEXT, TEXT_TOKEN = 97, 600, 12, 5


def checkpoint(folder: Path, text: int = TEXT, **changes: Any) -> Path:
    """Heads do not fill the width, three of them share keys, and no size is a multiple of a block of 32."""
    torch.manual_seed(3)
    sizes = {
        "vocab_size": VOCABULARY,
        "hidden_size": 60,
        "intermediate_size": 100,
        "num_hidden_layers": 2,
        "num_attention_heads": 6,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "max_position_embeddings": CONTEXT,
        "tie_word_embeddings": True,
        "rope_theta": 5000.0,
        "bos_token_id": TEXT_TOKEN,
        # Large enough that the likeliest token changes from step to step.
        "initializer_range": 0.25,
    }
    LlamaForCausalLM(LlamaConfig(**{**sizes, **changes})).save_pretrained(folder)
    if text:
        add(folder, "text_projection.weight", torch.randn(60, text))
    return folder


def add(folder: Path, name: str, values: torch.Tensor) -> None:
    """Put a weight into the file, or replace it."""
    file = folder / "model.safetensors"
    save_file({**load_file(file), name: values}, file, metadata={"format": "pt"})


def remove(folder: Path, name: str) -> None:
    """Take a weight out of the file."""
    file = folder / "model.safetensors"
    save_file({key: values for key, values in load_file(file).items() if key != name}, file, metadata={"format": "pt"})


def configure(folder: Path, **changes: Any) -> None:
    """Change fields of config.json."""
    file = folder / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))
