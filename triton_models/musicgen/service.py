"""From a document to a song at the desk, without Triton: opening the graphs, refusing, and the words of failures."""

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from triton_models.code_books.delay_pattern import DelayPattern
from triton_models.codec_stream.shape import read_shape
from triton_models.generation_core.errors import (
    QueueFullError,
    RequestCancelledError,
    RequestTooLargeError,
    SchedulerClosedError,
)
from triton_models.generation_core.metrics import Snapshot
from triton_models.generation_core.runner import Runner
from triton_models.generation_core.scheduler import Limits, Scheduler
from triton_models.musicgen.codec import open_codec
from triton_models.musicgen.desk import MOST_SONGS, Desk, Listener
from triton_models.musicgen.instrument import Instrument
from triton_models.musicgen.requests import AudioRequest, AudioRequestError, parse_request
from triton_models.musicgen.songs import Section, Wish
from triton_models.musicgen.text import open_text_encoder
from triton_models.musicgen.window_plan import CONTEXT_SHARE, window_sizes
from triton_models.step_graph.code_books import CodeBookSettings, open_code_books

MANIFEST: Final = "export.json"


@dataclass(frozen=True)
class ServiceSettings:
    """`form` is that of the step graph and of the codec's memory, int8 or float32.

    `memory` bytes are for the slots' keys and values. A slot holds `seconds`, longer songs are made in windows of which
    up to `context_share` was made before. `threads` of each graph; the codec's thread works beside the step's.
    """

    form: str = "int8"
    memory: int = 2 << 30
    seconds: float = 30.0
    words: int = 64
    threads: int = 1
    context_share: float = CONTEXT_SHARE


class MusicGenService:
    """One checkpoint for all requests; `folder` holds what `model_export.musicgen export` made."""

    def __init__(self, folder: Path, settings: ServiceSettings) -> None:
        decoder = json.loads((folder / MANIFEST).read_text())["decoder"]
        pattern = DelayPattern(decoder["books"], decoder["audio_channels"], decoder["vocabulary"])
        shape = read_shape(folder)
        self._instrument = Instrument(pattern, shape, open_codec(folder, settings.form, settings.threads))
        positions = pattern.positions(self._instrument.frames(settings.seconds))
        step, cross = folder / f"musicgen_step.{settings.form}.onnx", folder / "musicgen_cross.float32.onnx"
        sizes = CodeBookSettings(
            memory=settings.memory,
            positions=min(positions, decoder["max_positions"]),
            words=settings.words,
            threads=settings.threads,
        )
        model = open_code_books(step, cross, pattern, sizes)
        self._encoder = open_text_encoder(folder, settings.words, settings.threads)
        most_songs = model.slots + MOST_SONGS
        # A song has one window here at a time: whoever is at the desk is never refused here.
        self._runner = Runner(Scheduler(model, Limits(most_waiting=most_songs)), "musicgen-runner")
        windows = window_sizes(model.context - pattern.longest - 1, settings.context_share)
        self._desk = Desk(self._runner, self._instrument, windows, most_songs)

    @property
    def sampling_rate(self) -> int:
        """Of what listeners hear, in Hz."""
        return self._instrument.shape.sampling_rate

    @property
    def channels(self) -> int:
        return self._instrument.pattern.channels

    def submit(self, document: bytes, listener: Listener) -> None:
        """The listener is told how it ends; raises what `failure` has words for, and then it is not."""
        wanted = parse_request(document)
        self._desk.submit(partial(self._wish, wanted), listener)

    def _wish(self, wanted: AudioRequest) -> Wish:
        return Wish(
            sections=[Section(self._encoder.states(wanted.prompt), self._instrument.frames(wanted.seconds))],
            seed=wanted.seed,
            sampling=wanted.sampling,
            guidance=wanted.guidance,
            owner=wanted.owner,
            priority=wanted.priority,
        )

    def snapshot(self) -> Snapshot:
        """The scheduler's numbers."""
        return self._runner.snapshot()

    def close(self) -> None:
        """All songs end; returns after the threads have."""
        self._desk.close()


def failure(error: Exception) -> str:
    """`CODE: words` of whatever a song failed by; a bug's own words are for the log."""
    if isinstance(error, AudioRequestError):
        return f"INVALID_REQUEST: {error}"
    if isinstance(error, QueueFullError):
        return f"{QueueFullError.code}: {error.waiting} songs are being made or wait already; try again soon"
    if isinstance(error, RequestTooLargeError | RequestCancelledError | SchedulerClosedError):
        return str(error)
    return "INTERNAL: the model failed on this song"
