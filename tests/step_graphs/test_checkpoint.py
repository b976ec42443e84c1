"""What is no checkpoint of the Llama type is refused with a sentence that says why; pickles are never opened."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from model_export.score.export.checkpoint import CheckpointInvalidError, load
from tests.step_graphs.checkpoints import TEXT, TEXT_TOKEN, add, checkpoint, configure, remove

TABLE = "model.embed_tokens.weight"
QUERY = "model.layers.1.self_attn.q_proj.weight"


def truncate(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:5000])


def pickled(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save({TABLE: torch.zeros(2)}, folder / "pytorch_model.bin")


def garbled(folder: Path) -> None:
    (folder / "config.json").write_text("{")


WRONG: dict[str, Callable[[Path], None]] = {
    "config.json cannot be read": garbled,
    "model.safetensors cannot be read: [^/]*Error": truncate,
    "model.safetensors cannot be read": pickled,
    "model_type is 'gpt2'": lambda folder: configure(folder, model_type="gpt2"),
    "tie_word_embeddings is False": lambda folder: configure(folder, tie_word_embeddings=False),
    "attention_bias is True": lambda folder: configure(folder, attention_bias=True),
    "hidden_act is 'gelu'": lambda folder: configure(folder, hidden_act="gelu"),
    "rope_type is 'llama3'": lambda folder: configure(folder, rope_parameters={"rope_type": "llama3"}),
    "config.json: KeyError": lambda folder: configure(folder, vocab_size=None),
    "heads do not divide": lambda folder: configure(folder, num_key_value_heads=4),
    f"has no {QUERY}": lambda folder: remove(folder, QUERY),
    r"has shape \[97, 60\], config.json says \[98, 60\]": lambda folder: configure(folder, vocab_size=98),
    f"{QUERY} has values that are no numbers": lambda folder: add(folder, QUERY, torch.full((96, 60), float("nan"))),
    "text_projection.weight has shape": lambda folder: add(folder, "text_projection.weight", torch.zeros(5, TEXT)),
}


@pytest.mark.parametrize("reason", WRONG)
def test_what_is_wrong_is_said(tmp_path: Path, reason: str) -> None:
    folder = checkpoint(tmp_path / "checkpoint")
    WRONG[reason](folder)
    with pytest.raises(CheckpointInvalidError, match=reason.replace("KeyError", "").replace("[^/]*Error", "")):
        load(folder)


def test_a_checkpoint_is_read_with_its_sizes(tmp_path: Path) -> None:
    read = load(checkpoint(tmp_path / "checkpoint"))
    sizes = read.architecture
    assert (sizes.heads, sizes.kv_heads, sizes.head_size) == (6, 2, 16)
    assert (sizes.text, sizes.text_token) == (TEXT, TEXT_TOKEN)
    assert (sizes.rope_theta, sizes.context) == (5000.0, 600)
    decoder = [values for name, values in read.weights.items() if not name.startswith("text_projection")]
    assert sizes.parameters == sum(values.size for values in decoder)
