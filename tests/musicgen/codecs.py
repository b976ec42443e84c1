"""Tiny random EnCodecs of many kinds, and their graphs."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from model_export.graph_writer import GraphWriter
from model_export.musicgen.checkpoint import Checkpoint, read_checkpoint
from model_export.musicgen.codec_architecture import CodecArchitecture, read_architecture
from model_export.musicgen.codec_parity import random_samples
from model_export.musicgen.codec_reference import CodecReference
from model_export.musicgen.codec_runs import GRAPHS, CodecRuns
from model_export.musicgen.codec_shape import shape_of
from model_export.musicgen.codec_weights import CodecWeights, read_weights
from tests.musicgen.checkpoints import ENCODEC, change_weights, checkpoint
from triton_models.codec_stream.shape import CodecShape

KINDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "as published": {"use_conv_shortcut": False},
    "causal": {"use_causal_conv": True, "upsampling_ratios": [3, 2]},
    "causal, cut on both sides": {"use_causal_conv": True, "trim_right_ratio": 0.4, "pad_mode": "constant"},
    "deep": {
        "num_residual_layers": 3,
        "upsampling_ratios": [5, 4],
        "pad_mode": "replicate",
        "num_lstm_layers": 1,
        "compress": 4,
    },
    "even kernels": {
        "kernel_size": 4,
        "last_kernel_size": 5,
        "residual_kernel_size": 4,
        "num_residual_layers": 2,
        "dilation_growth_rate": 3,
        "num_lstm_layers": 3,
    },
    "level kept apart": {"normalize": True, "hidden_size": 11, "num_filters": 2},
}


@dataclass(frozen=True)
class ExportedCodec:
    checkpoint: Checkpoint
    architecture: CodecArchitecture
    weights: CodecWeights
    shape: CodecShape
    reference: CodecReference
    runs: CodecRuns


def exported(folder: Path, kind: str) -> ExportedCodec:
    """The graphs in float32."""
    # Beside other work a second thread only waits for the first.
    torch.set_num_threads(1)
    codec = {**ENCODEC, **KINDS[kind]}
    # 50 frames a second of four books with 6 bits, whatever the ratios are.
    codec["sampling_rate"] = 50 * math.prod(codec["upsampling_ratios"])
    checkpoint(folder, codec=codec)
    fill_books(folder)
    read = read_checkpoint(folder)
    a, weights = read_architecture(read.config.codec.raw, 4), read_weights(read)
    targets = {name: folder / f"{name}.onnx" for name in GRAPHS}
    files = {name: write(a, weights, targets[name], GraphWriter(np.float32)) for name, write in GRAPHS.items()}
    return ExportedCodec(read, a, weights, shape_of(a), CodecReference(read), CodecRuns(files))


def fill_books(folder: Path) -> None:
    """Codes that lie where the encoder puts noise, so that all of them are used: each book has what others left."""
    read = read_checkpoint(folder)
    shape = shape_of(read_architecture(read.config.codec.raw, 4))
    _, vectors = CodecReference(read).encode(random_samples(shape, 200 * shape.hop), 4)
    rest, chance, books = vectors.reshape(-1, vectors.shape[2]), np.random.default_rng(6), {}
    for book in range(4):
        codes = rest[chance.choice(len(rest), shape.book_size, replace=False)] * np.float32(0.9)
        rest = rest - codes[np.square(rest[:, None] - codes).sum(axis=2).argmin(axis=1)]
        books[f"audio_encoder.quantizer.layers.{book}.codebook.embed"] = torch.from_numpy(codes)
    change_weights(folder, lambda weights: {**weights, **books})
