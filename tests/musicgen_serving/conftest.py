"""Tiny checkpoints of every kind, their graphs, and what transformers makes of them."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model_export.decoder_graphs import products
from model_export.decoder_graphs.shared_caches import SharedCaches
from model_export.graph_writer import GraphWriter
from model_export.musicgen import codec_graphs, decoder_cross, decoder_prefix, decoder_step
from model_export.musicgen.card import Card, CardLicence
from model_export.musicgen.checkpoint import read_checkpoint
from model_export.musicgen.codec_architecture import read_architecture
from model_export.musicgen.codec_reference import CodecReference
from model_export.musicgen.codec_shape import shape_of
from model_export.musicgen.codec_weights import read_weights
from model_export.musicgen.reference import Reference, reference_of
from model_export.musicgen.repository import Serving, write_repository
from model_export.musicgen.text_encoder import write_text_encoder
from tests.embedded.conftest import LiveStack, live_stack
from tests.musicgen.checkpoints import ALL_KINDS
from tests.musicgen.codecs import fill_books
from triton_models.code_books.delay_pattern import DelayPattern
from triton_models.codec_stream.shape import NAME, CodecShape
from triton_models.generation_core.model import StepModel
from triton_models.generation_core.request import Request
from triton_models.musicgen.checkpoint import CROSS, MANIFEST, PREFIX
from triton_models.musicgen.checkpoint import read_checkpoint as read_export
from triton_models.musicgen.codec import LATENTS, SAMPLES
from triton_models.musicgen.references import CODES, FEATURES
from triton_models.musicgen.songs import Melody, Section, Wish, request_of
from triton_models.musicgen.window_plan import Window
from triton_models.step_graph.code_books import CodeBookSettings

WORDS = np.arange(1, 8)[None]
SERVING = Serving(form="float32", memory_bytes=1 << 20, longest_seconds=4.0, most_words=16)
TRITON_KINDS = ("melody", "mono", "stereo")


@dataclass(frozen=True)
class Served:
    """Graphs in `folder`, and the states of a text."""

    folder: Path
    pattern: DelayPattern
    shape: CodecShape
    reference: Reference
    codec: CodecReference
    states: NDArray[np.float32]

    @property
    def melody(self) -> Melody | None:
        """Of a song of this model that has none."""
        heard = read_export(self.folder).melody
        return None if heard is None else Melody(heard.length)

    def before(self, words: int) -> int:
        """Positions before the codes."""
        return read_export(self.folder).before(words)

    def open(self, settings: CodeBookSettings) -> StepModel:
        """With so many positions for codes."""
        made = read_export(self.folder)
        return made.open("float32", replace(settings, positions=settings.positions + made.before(settings.words)))

    @property
    def step(self) -> Path:
        return self.folder / "musicgen_step.float32.onnx"

    def wish(self, frames: int, words: int = 99, **manner: Any) -> Wish:
        """A song by the first words of the text."""
        return Wish([Section(self.states[:words], frames)], **{"melody": self.melody, **manner})

    def request(self, name: str, wish: Wish, every: int) -> Request:
        """A song of one window."""
        window = Window(0, 0, 0, wish.sections[0].frames, 0)
        return request_of(name, wish, window, np.empty((self.pattern.books, 0), np.int64), self.pattern, every)

    @property
    def cross(self) -> Path:
        return self.folder / CROSS


Checkpoints = Callable[[str], Served]


def served_by(folder: Path, kind: str) -> Served:
    """A checkpoint of this kind in `folder/checkpoint`, and what is served of it beside."""
    # Beside other work a second thread only waits for the first.
    torch.set_num_threads(1)
    source = ALL_KINDS[kind](folder / "checkpoint")
    fill_books(source)
    read = read_checkpoint(source)
    d = read.config.decoder
    melody = read.config.melody
    if melody is None:
        decoder_cross.write(read, folder / CROSS, GraphWriter(np.float32))
    else:
        decoder_prefix.write(read, melody, folder / PREFIX, GraphWriter(np.float32))
    step = folder / "musicgen_step.float32.onnx"
    decoder_step.write(read, step, SharedCaches(), products.floating, GraphWriter(np.float32))
    write_text_encoder(read, folder)
    architecture, weights = read_architecture(read.config.codec.raw, d.books // d.audio_channels), read_weights(read)
    latents = folder / LATENTS.format(form="float32")
    codec_graphs.write_latents(architecture, weights, latents, GraphWriter(np.float32))
    codec_graphs.write_samples(architecture, weights, folder / SAMPLES, GraphWriter(np.float32))
    codec_graphs.write_features(architecture, weights, folder / FEATURES, GraphWriter(np.float32))
    codec_graphs.write_codes(architecture, weights, folder / CODES, GraphWriter(np.float32))
    shape = shape_of(architecture)
    (folder / NAME).write_text(json.dumps(asdict(shape)))
    (folder / MANIFEST).write_text(json.dumps({"decoder": asdict(d), "melody": melody and asdict(melody)}))
    reference = reference_of(read)
    states = reference.states(WORDS, np.ones_like(WORDS))[0]
    pattern = DelayPattern(d.books, d.audio_channels, d.start_token)
    return Served(folder, pattern, shape, reference, CodecReference(read), states)


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Checkpoints:
    return cache(lambda kind: served_by(tmp_path_factory.mktemp("served"), kind))


@pytest.fixture(scope="session")
async def serving(checkpoints: Checkpoints, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LiveStack]:
    """A stack of its own, with some models."""
    models: Path = tmp_path_factory.mktemp("models")
    for kind in TRITON_KINDS:
        made, name = checkpoints(kind), f"tiny_{kind}"
        rate, channels = made.shape.sampling_rate, made.pattern.channels
        licence, melody = CardLicence("mit", True), made.melody is not None
        card = Card(f"tiny-{kind}", f"Tiny {kind}", "Noise.", licence, 4.0, rate, channels, melody=melody)
        write_repository(made.folder, models / name, SERVING, card)
    async with live_stack(tmp_path_factory.mktemp("musicgen-stack"), models) as stack:
        yield stack


@pytest.fixture
def url(serving: LiveStack) -> str:
    """Of Triton."""
    return serving.endpoints.triton_url
