"""What is measured: random weights in the shape of musicgen-small, its graphs, and songs made with them."""

import json
import threading
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import MusicgenForConditionalGeneration

from model_export.decoder_graphs import products
from model_export.decoder_graphs.shared_caches import SharedCaches
from model_export.graph_writer import GraphWriter
from model_export.musicgen import codec_graphs, decoder_cross, decoder_step
from model_export.musicgen.checkpoint import Checkpoint, read_checkpoint
from model_export.musicgen.codec_architecture import read_architecture
from model_export.musicgen.codec_shape import shape_of
from model_export.musicgen.codec_weights import read_weights
from model_export.musicgen.decoder_levels import key_value_scales
from model_export.musicgen.decoder_runs import Cross, CrossGraph
from tests.musicgen.checkpoints import T5, checkpoint
from triton_models.code_books.delay_pattern import DelayPattern
from triton_models.codec_stream.decoding import Floats
from triton_models.generation_core.runner import Runner
from triton_models.generation_core.scheduler import Limits, Scheduler
from triton_models.musicgen.codec import LATENTS, SAMPLES, open_codec
from triton_models.musicgen.desk import Desk
from triton_models.musicgen.instrument import Instrument
from triton_models.musicgen.songs import Section, Wish
from triton_models.musicgen.window_plan import window_sizes
from triton_models.step_graph.code_books import CodeBookModel, CodeBookSettings, open_code_books

RATE, FRAMES_A_SECOND = 32_000, 50
WORDS = 12
# The text encoder is small: it runs once a song, and is given to both.
TEXT = {**T5, "d_model": 768, "d_kv": 64, "num_heads": 12, "d_ff": 128}
CODEC = {
    "model_type": "encodec",
    "sampling_rate": RATE,
    "upsampling_ratios": [8, 5, 4, 4],
    "target_bandwidths": [2.2],
    "codebook_size": 2048,
    "codebook_dim": 128,
    "hidden_size": 128,
    "num_filters": 64,
    "use_causal_conv": False,
    "use_conv_shortcut": False,
    "norm_type": "weight_norm",
    "chunk_length_s": None,
}
DECODER = {
    "vocab_size": 2048,
    "hidden_size": 1024,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "ffn_dim": 4096,
    "max_position_embeddings": 2048,
    "pad_token_id": 2048,
    "bos_token_id": 2048,
}
GENERATION = {"decoder_start_token_id": 2048, "pad_token_id": 2048, "do_sample": True, "guidance_scale": 3.0}
PLAIN, AND_CACHES = FORMS = "int8 by row", "int8 by row and caches"


class Listener:
    """Counts the samples of a song."""

    def __init__(self) -> None:
        self.samples = 0
        self.error: Exception | None = None
        self.ended = threading.Event()

    def is_gone(self) -> bool:
        return False

    def hear(self, samples: Floats, start: int) -> None:
        self.samples += samples.shape[1]

    def finished(self) -> None:
        self.ended.set()

    def failed(self, error: Exception) -> None:
        self.error = error
        self.ended.set()


def make_checkpoint(folder: Path) -> MusicgenForConditionalGeneration:
    """420 million random weights of the decoder, and the published codec's sizes."""
    checkpoint(folder, TEXT, CODEC, **DECODER)
    (folder / "generation_config.json").write_text(json.dumps(GENERATION))
    return MusicgenForConditionalGeneration.from_pretrained(folder, dtype=torch.float32).eval()


def make_graphs(source: Path, folder: Path) -> None:
    """The decoder's step in int8 with caches of float32 and of int8, and the rest in float32."""
    read = read_checkpoint(source)
    decoder_cross.write(read, folder / "cross.onnx", GraphWriter(np.float32, folder / "cross.weights"))
    _write_step(read, step_file(folder, PLAIN), SharedCaches())
    d, chance = read.config.decoder, np.random.default_rng(3)
    codes = chance.integers(0, d.vocabulary, (4, d.books, 24))
    scales = key_value_scales(step_file(folder, PLAIN), d, texts(folder, 4), codes)
    _write_step(read, step_file(folder, AND_CACHES), SharedCaches(scales=scales))
    books = read.config.decoder.books
    architecture, weights = read_architecture(read.config.codec.raw, books), read_weights(read)
    codec_graphs.write_int8_latents(architecture, weights, folder / LATENTS.format(form="int8"))
    codec_graphs.write_samples(architecture, weights, folder / SAMPLES, GraphWriter(np.float32))


def _write_step(read: Checkpoint, file: Path, caches: SharedCaches) -> None:
    decoder_step.write(read, file, caches, products.row_int8, GraphWriter(np.float32, file.with_suffix(".weights")))


def texts(folder: Path, rows: int) -> Cross:
    """What the cross graph makes of a text for every second row, and of none for the others."""
    mask = np.zeros((rows, WORDS), np.int64)
    mask[::2] = 1
    return CrossGraph(folder / "cross.onnx").run(np.repeat(states()[None], rows, axis=0), mask)


def step_file(folder: Path, way: str) -> Path:
    return folder / f"step.{way.replace(' ', '-')}.onnx"


def instrument(source: Path, folder: Path, threads: int) -> Instrument:
    read = read_checkpoint(source)
    d = read.config.decoder
    shape = shape_of(read_architecture(read.config.codec.raw, d.books))
    return Instrument(
        DelayPattern(d.books, d.audio_channels, d.start_token), shape, open_codec(folder, "int8", threads)
    )


def opened(folder: Path, way: str, pattern: DelayPattern, slots: int, frames: int, threads: int) -> CodeBookModel:
    settings = CodeBookSettings(pattern.positions(frames), slots, WORDS, threads=threads)
    return open_code_books(step_file(folder, way), folder / "cross.onnx", pattern, settings)


def desk_of(model: CodeBookModel, given: Instrument) -> Desk:
    runner = Runner(Scheduler(model, Limits(most_waiting=1_000)), "bench")
    return Desk(runner, given, window_sizes(model.context - given.pattern.longest - 1))


def states() -> NDArray[np.float32]:
    found: NDArray[np.float32] = np.random.default_rng(3).normal(0, 0.3, (WORDS, 768)).astype(np.float32)
    return found


def play(desk: Desk, frames: int, count: int) -> None:
    """So many songs at once, to their ends."""
    listeners = [Listener() for _ in range(count)]
    for number, listener in enumerate(listeners):
        desk.submit(partial(Wish, [Section(states(), frames)], number), listener)
    for listener in listeners:
        assert listener.ended.wait(3600)
        assert listener.error is None, listener.error
        assert listener.samples == frames * RATE // FRAMES_A_SECOND
