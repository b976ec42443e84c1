"""What is measured: random weights in the shape of musicgen-small, or a folder that is given, and its graphs."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_export.decoder_graphs import products
from model_export.decoder_graphs.device_caches import DeviceCaches
from model_export.graph_writer import GraphWriter
from model_export.musicgen import codec_graphs, decoder_cross, decoder_step
from model_export.musicgen.checkpoint import Checkpoint, read_checkpoint
from model_export.musicgen.codec_architecture import read_architecture
from model_export.musicgen.codec_shape import shape_of
from model_export.musicgen.codec_weights import read_weights
from model_export.musicgen.config import DecoderConfig
from tests.bench.musicgen.subject import CODEC, DECODER, GENERATION, TEXT
from tests.musicgen.checkpoints import checkpoint
from triton_models.code_books.delay_pattern import DelayPattern
from triton_models.codec_stream.shape import CodecShape
from triton_models.musicgen.checkpoint import DEVICE_CROSS, DEVICE_STEP
from triton_models.musicgen.codec import LATENTS, SAMPLES

WORDS = 12


@dataclass(frozen=True)
class Subject:
    """A checkpoint in `source`, graphs of it for devices in `folder`."""

    source: Path
    folder: Path
    told: str
    decoder: DecoderConfig
    shape: CodecShape
    width: int

    @property
    def pattern(self) -> DelayPattern:
        d = self.decoder
        return DelayPattern(d.books, d.audio_channels, d.start_token)

    @property
    def step(self) -> Path:
        return self.folder / DEVICE_STEP

    @property
    def cross(self) -> Path:
        return self.folder / DEVICE_CROSS

    def frames(self, seconds: float) -> int:
        return max(1, round(seconds * self.shape.sampling_rate / self.shape.hop))

    def states(self) -> NDArray[np.float32]:
        """Of a text, [words, width]: both sides are given the same."""
        found: NDArray[np.float32] = np.random.default_rng(3).normal(0, 0.3, (WORDS, self.width)).astype(np.float32)
        return found


def made(folder: Path, given: Path | None, tiny: bool) -> Subject:
    """Write the graphs of a checkpoint, which is `given` or made here."""
    source = given or _random(folder / "checkpoint", tiny)
    told = f"the checkpoint {source.name}" if given else "random weights, tiny" if tiny else "random weights"
    read = read_checkpoint(source)
    _write(read, folder)
    d = read.config.decoder
    shape = shape_of(read_architecture(read.config.codec.raw, d.books // d.audio_channels))
    return Subject(source, folder, told, d, shape, read.config.text.hidden)


def _random(folder: Path, tiny: bool) -> Path:
    if tiny:
        return checkpoint(folder)
    checkpoint(folder, TEXT, CODEC, **DECODER)
    (folder / "generation_config.json").write_text(json.dumps(GENERATION))
    return folder


def _write(read: Checkpoint, folder: Path) -> None:
    step = folder / DEVICE_STEP
    writer = GraphWriter(np.float16, step.with_suffix(".weights"))
    decoder_step.write(read, step, DeviceCaches(), products.floating, writer)
    cross = folder / DEVICE_CROSS
    decoder_cross.write(read, cross, GraphWriter(np.float16, cross.with_suffix(".weights")))
    d = read.config.decoder
    codec, weights = read_architecture(read.config.codec.raw, d.books // d.audio_channels), read_weights(read)
    codec_graphs.write_latents(codec, weights, folder / LATENTS.format(form="float32"), GraphWriter(np.float32))
    codec_graphs.write_samples(codec, weights, folder / SAMPLES, GraphWriter(np.float32))
