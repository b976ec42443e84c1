"""Stage `parity`: the float32 graph against the published architecture as transformers builds it in torch."""

from pathlib import Path

import numpy as np
import torch
from transformers import BertModel

from model_export.text_embedding.evaluation import SENTENCES
from model_export.text_embedding.measurement import Vectors, embed, session
from model_export.text_embedding.settings import Tolerance
from model_export.text_embedding.tokens import Feeds, encode


class ParityLost(RuntimeError):
    """An export differs from the reference by more than its tolerance."""


def reference_vectors(folder: Path, feeds: Feeds) -> Vectors:
    """Mean over the real tokens, then unit length, from the unmodified model."""
    model = BertModel.from_pretrained(folder, use_safetensors=True, add_pooling_layer=False).eval()
    tensors = {name: torch.from_numpy(values) for name, values in feeds.items()}
    with torch.no_grad():
        hidden = model(**tensors).last_hidden_state.numpy()
    mask = feeds["attention_mask"][:, :, None].astype(np.float32)
    mean = (hidden * mask).sum(axis=1) / mask.sum(axis=1)
    vectors: Vectors = (mean / np.linalg.norm(mean, axis=1, keepdims=True)).astype(np.float32)
    return vectors


def parity(folder: Path, float32: Path, tolerance: Tolerance) -> tuple[float, Vectors]:
    """Lowest cosine over the sentences, and the reference vectors; raises ParityLost below the tolerance."""
    feeds = encode(folder / "tokenizer.json", SENTENCES, 64)
    reference = reference_vectors(folder, feeds)
    lowest = float((reference * embed(session(float32), feeds)).sum(axis=1).min())
    if lowest < tolerance.fp32_cosine:
        raise ParityLost(f"float32 graph: cosine {lowest:.6f} is below {tolerance.fp32_cosine}")
    return lowest, reference
