"""What is measured: random weights in the shape of musicgen-small, or a folder that is given, and its graphs."""

import json
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from model_export.decoder_graphs import products
from model_export.decoder_graphs.device_caches import DeviceCaches
from model_export.graph_writer import GraphWriter
from model_export.musicgen import codec_graphs, decoder_cross, decoder_prefix, decoder_step
from model_export.musicgen.checkpoint import Checkpoint, read_checkpoint
from model_export.musicgen.codec_architecture import read_architecture
from model_export.musicgen.codec_shape import shape_of
from model_export.musicgen.codec_weights import read_weights
from model_export.musicgen.config import DecoderConfig
from model_export.musicgen.text_encoder import write_text_encoder
from tests.bench.musicgen.subject import CODEC, DECODER, GENERATION, TEXT
from tests.musicgen.checkpoints import checkpoint
from triton_models.code_books.delay_pattern import DelayPattern
from triton_models.codec_stream.shape import CodecShape
from triton_models.musicgen.checkpoint import DEVICE_CROSS, DEVICE_STEP, PREFIX
from triton_models.musicgen.checkpoint import Checkpoint as Served
from triton_models.musicgen.chroma import ChromaShape
from triton_models.musicgen.codec import LATENTS, SAMPLES
from triton_models.musicgen.songs import Melody

# Longer than this in tokens of any kind, so that it is cut there.
WORDS = 12
PROMPT = "slow piano over warm strings, with drums that come in late and a bass that walks on until the morning"
FIELDS = [field.name for field in fields(ChromaShape)]


@dataclass(frozen=True)
class Subject:
    """A checkpoint in `source`, graphs of it for devices in `folder`; `heard` is None where melodies are not heard."""

    source: Path
    folder: Path
    told: str
    decoder: DecoderConfig
    shape: CodecShape
    heard: ChromaShape | None

    @property
    def pattern(self) -> DelayPattern:
        d = self.decoder
        return DelayPattern(d.books, d.audio_channels, d.start_token)

    @property
    def step(self) -> Path:
        return self.folder / DEVICE_STEP

    @property
    def served(self) -> Served:
        """As what serves it opens it."""
        return Served(self.folder, self.pattern, self.decoder.max_positions, self.heard)

    def frames(self, seconds: float) -> int:
        return max(1, round(seconds * self.shape.sampling_rate / self.shape.hop))

    def words(self) -> NDArray[np.int64]:
        """The tokens [WORDS] of the prompt, cut as what serves it cuts them."""
        tokenizer = Tokenizer.from_file(str(self.source / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(WORDS)
        return np.array(tokenizer.encode(PROMPT).ids, np.int64)

    def melody(self) -> Melody | None:
        """What every song follows, as long as is heard, if the checkpoint hears melodies."""
        if self.heard is None:
            return None
        classes = np.random.default_rng(3).integers(0, self.heard.chroma, self.heard.length)
        chroma = np.eye(self.heard.chroma, dtype=np.float32)[classes]
        return Melody(self.heard.length, chroma, self.shape.hop / self.heard.hop)


def made(folder: Path, given: Path | None, tiny: bool) -> Subject:
    """Write the graphs of a checkpoint, which is `given` or made here."""
    source = given or _random(folder / "checkpoint", tiny)
    told = f"the checkpoint {source.name}" if given else "random weights, tiny" if tiny else "random weights"
    read = read_checkpoint(source)
    _write(read, folder)
    d = read.config.decoder
    shape = shape_of(read_architecture(read.config.codec.raw, d.books // d.audio_channels))
    melody = read.config.melody
    heard = None if melody is None else ChromaShape(**{name: getattr(melody, name) for name in FIELDS})
    return Subject(source, folder, told, d, shape, heard)


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
    melody, cross = read.config.melody, folder / DEVICE_CROSS
    if melody is None:
        decoder_cross.write(read, cross, GraphWriter(np.float16, cross.with_suffix(".weights")))
    else:
        decoder_prefix.write(read, melody, folder / PREFIX, GraphWriter(np.float32))
    write_text_encoder(read, folder)
    d = read.config.decoder
    codec, weights = read_architecture(read.config.codec.raw, d.books // d.audio_channels), read_weights(read)
    codec_graphs.write_latents(codec, weights, folder / LATENTS.format(form="float32"), GraphWriter(np.float32))
    codec_graphs.write_samples(codec, weights, folder / SAMPLES, GraphWriter(np.float32))
