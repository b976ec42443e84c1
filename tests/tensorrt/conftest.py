"""Exports of tiny random checkpoints, as far as they are for TensorRT, made once for all tests of the folder."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch

from model_export.decoder_graphs import products
from model_export.decoder_graphs.standard_caches import StandardCaches
from model_export.graph_writer import FLOAT, INT64, GraphWriter
from model_export.musicgen import decoder_cross, decoder_step, manifest
from model_export.musicgen.checkpoint import read_checkpoint
from model_export.musicgen.codec_stages import write_codec
from model_export.score.export.build import Settings, build
from tests.musicgen.checkpoints import WORDS, checkpoint
from tests.step_graphs.checkpoints import checkpoint as llama
from tests.step_graphs.conftest import interpreter
from tests.tensorrt.exports import describe


@pytest.fixture(scope="session")
def scores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """By the export itself, of a checkpoint with 40 positions."""
    torch.set_num_threads(1)
    root = tmp_path_factory.mktemp("tensorrt-scores")
    source = llama(root / "checkpoint", max_position_embeddings=40)
    chosen = Settings(texts=(2, 20), perplexity_drift=1.0, greedy_steps=2, python=interpreter(root, "exit 3"))
    build(source, root / "graphs", chosen)
    return root / "graphs"


@pytest.fixture(scope="session")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The graphs of a MusicGen checkpoint, and a text encoder that only looks words up."""
    torch.set_num_threads(1)
    root = tmp_path_factory.mktemp("tensorrt-songs")
    folder, read = root / "graphs", read_checkpoint(checkpoint(root / "checkpoint"))
    folder.mkdir()
    for compute in (np.float32, np.float16):
        form = np.dtype(compute).name
        cross, step = (folder / f"musicgen_{graph}.{form}.onnx" for graph in ("cross", "standard"))
        decoder_cross.write(read, cross, GraphWriter(compute, cross.with_suffix(".weights")))
        writer = GraphWriter(compute, step.with_suffix(".weights"))
        decoder_step.write(read, step, StandardCaches(), products.floating, writer)
    write_codec(read, folder)
    writer = GraphWriter(np.float32)
    for name in ("input_ids", "attention_mask"):
        writer.input(name, INT64, ["rows", "tokens"])
    table = writer.weight("table", np.random.default_rng(1).normal(size=(WORDS, 24)))
    found = writer.node("Gather", [table, "input_ids"], "found")
    column = writer.node("Unsqueeze", ["attention_mask", writer.constant("axis_2", np.array([2]))], "column")
    writer.node("Mul", [found, writer.node("Cast", [column], "shown", to=FLOAT)], "states")
    writer.output("states", FLOAT, ["rows", "tokens", 24])
    writer.save(folder / "text_encoder.float32.onnx", "text_encoder")
    (folder / "text_encoder.json").write_text('{"hidden": 24, "most_tokens": 63}')
    (folder / "tokenizer.json").write_bytes(read.tokenizer().read_bytes())
    describe(folder, {"schema": manifest.SCHEMA, "decoder": asdict(read.config.decoder)})
    return folder
