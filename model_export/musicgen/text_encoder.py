"""Stage `text`: the checkpoint's own text encoder, of whatever kind, as a float32 graph, and its tokenizer beside it.

float32 whatever the others are in: it runs once a song, and T5 leaves the range of float16.
"""

import json
import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForTextEncoding

from model_export.musicgen.checkpoint import TOKENIZER, Checkpoint
from model_export.stages import Outcome, Status

GRAPH: Final = "text_encoder.float32.onnx"
SIZES: Final = "text_encoder.json"
OPSET: Final = 18
MOST_ROWS: Final = 64
MOST_TOKENS: Final = 512
# A graph in one piece has at most 2 GB.
MOST_INSIDE: Final = 3 << 29


class TextEncoder(nn.Module):
    """Token ids and attention mask, int64 [rows, tokens], to the last states [rows, tokens, hidden]."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__()
        config = AutoConfig.for_model(**checkpoint.config.text.raw)
        # Written out, attention is made of operators that every runtime knows.
        self.encoder = AutoModelForTextEncoding.from_config(config, attn_implementation="eager").eval()
        self.encoder.load_state_dict(checkpoint.tensors("text_encoder."))

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        states: Tensor = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return states


def most_tokens(raw: Mapping[str, Any]) -> int:
    """How many tokens a text may have. Some kinds number their positions from behind the padding token's own number."""
    table = raw.get("max_position_embeddings")
    if not isinstance(table, int):
        return MOST_TOKENS
    return min(MOST_TOKENS, table - (raw.get("pad_token_id") or 0) - 1)


def write_text_encoder(checkpoint: Checkpoint, folder: Path) -> Outcome:
    """The graph, what bounds its input, and the tokenizer."""
    encoder, most = TextEncoder(checkpoint), most_tokens(checkpoint.config.text.raw)
    ids, mask = torch.ones(2, 16, dtype=torch.int64), torch.ones(2, 16, dtype=torch.int64)
    axes = {0: torch.export.Dim("rows", min=1, max=MOST_ROWS), 1: torch.export.Dim("tokens", min=2, max=most)}
    with warnings.catch_warnings():
        # What the exporter has to say of its own insides is nothing that a checkpoint could be blamed for.
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            encoder,
            (ids, mask),
            input_names=["input_ids", "attention_mask"],
            output_names=["states"],
            dynamic_shapes={"input_ids": axes, "attention_mask": axes},
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise RuntimeError("torch gave no ONNX program")
    size = sum(values.numel() * values.element_size() for values in encoder.parameters())
    program.save(str(folder / GRAPH), external_data=size > MOST_INSIDE)
    sizes = {"hidden": checkpoint.config.text.hidden, "most_tokens": most}
    (folder / SIZES).write_text(json.dumps(sizes, indent=2) + "\n")
    shutil.copyfile(checkpoint.tokenizer(), folder / TOKENIZER)
    return Status.PASSED, {"kind": checkpoint.config.text.model_type, "bytes": size, **sizes}
