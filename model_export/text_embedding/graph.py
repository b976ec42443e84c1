"""Stage `export`: the torch encoder as a float32 ONNX graph with free batch and sequence axes."""

from pathlib import Path

import torch

from model_export.text_embedding.encoder import SentenceEncoder

OPSET = 18


def export(encoder: SentenceEncoder, target: Path) -> Path:
    """Write the graph; inputs input_ids and attention_mask [B, T], output sentence_embedding [B, 384]."""
    ids, mask = torch.full((2, 16), 100), torch.ones(2, 16, dtype=torch.int64)
    batch, tokens = torch.export.Dim("batch", min=1, max=64), torch.export.Dim("tokens", min=2, max=512)
    axes = {0: batch, 1: tokens}
    program = torch.onnx.export(
        encoder,
        (ids, mask),
        input_names=["input_ids", "attention_mask"],
        output_names=["sentence_embedding"],
        dynamic_shapes={"input_ids": axes, "attention_mask": axes},
        opset_version=OPSET,
        dynamo=True,
        verbose=False,
    )
    if program is None:
        raise RuntimeError("torch gave no ONNX program")
    program.save(str(target), external_data=False)
    return target
