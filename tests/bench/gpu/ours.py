"""Songs through the desk that serves them, with caches on the device; and a step of the decoder by itself."""

import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from tests.bench.gpu.subject import PROMPT, WORDS, Subject
from tests.bench.musicgen.subject import Listener
from triton_models.generation_core.model import StepModel
from triton_models.generation_core.runner import Runner
from triton_models.generation_core.scheduler import Limits, Scheduler
from triton_models.musicgen.codec import open_codec
from triton_models.musicgen.desk import Desk
from triton_models.musicgen.instrument import Instrument
from triton_models.musicgen.songs import Section, Wish
from triton_models.musicgen.text import open_text_encoder
from triton_models.musicgen.window_plan import window_sizes
from triton_models.step_graph.code_books import CodeBookSettings, Guide
from triton_models.step_graph.devices import Device
from triton_models.step_graph.forms import DEVICE_FORM

PATIENCE = 3600.0
STEPS = 30


Opening = Callable[[CodeBookSettings], StepModel]


def on_device(subject: Subject, device: Device) -> Opening:
    """By onnxruntime."""
    return lambda settings: subject.served.open(DEVICE_FORM, settings, device)


def settings_of(subject: Subject, requests: int, frames: int) -> CodeBookSettings:
    """Two rows for each request, for guidance."""
    positions = subject.served.before(WORDS) + subject.pattern.positions(frames)
    return CodeBookSettings(positions, 2 * requests, WORDS)


class Songs:
    """So many requests at once, from words to samples; the graphs are loaded and recorded once."""

    def __init__(self, subject: Subject, device: Device, requests: int, frames: int, opening: Opening) -> None:
        self._subject, self._requests, self._frames = subject, requests, frames
        model = opening(settings_of(subject, requests, frames))
        self._encoder = open_text_encoder(subject.folder, WORDS, 1, device)
        instrument = Instrument(subject.pattern, subject.shape, open_codec(subject.folder, "float32", 1, device))
        runner = Runner(Scheduler(model, Limits(most_waiting=1_000)), "bench")
        sizes = window_sizes(model.context - subject.served.before(WORDS) - subject.pattern.longest - 1)
        self._desk = Desk(runner, instrument, sizes, 1_000)

    def __call__(self) -> None:
        listeners = [Listener() for _ in range(self._requests)]
        for number, listener in enumerate(listeners):
            self._desk.submit(partial(self._wish, number), listener)
        for listener in listeners:
            if not listener.ended.wait(PATIENCE) or listener.error is not None:
                raise RuntimeError(f"a song did not end well: {listener.error}")

    def _wish(self, number: int) -> Wish:
        """Every song has its own pass of the text encoder."""
        return Wish([Section(self._encoder.states(PROMPT), self._frames)], number, melody=self._subject.melody())

    def close(self) -> None:
        self._desk.close()


def step_seconds(subject: Subject, device: Device, requests: int, frames: int, opening: Opening) -> float:
    """Median of a step of all rows in the middle of their songs; what stands before them does not change its time."""
    model, rows = opening(settings_of(subject, requests, frames)), 2 * requests
    states, melody = open_text_encoder(subject.folder, WORDS, 1, device).states(PROMPT), subject.melody()
    chroma = None if melody is None else melody.heard(0)
    for slot in range(rows):
        model.open(slot, Guide(frames, words=WORDS) if slot % 2 else Guide(frames, states, chroma))
    slots, codes = np.arange(rows), np.zeros((rows, subject.pattern.books), np.int64)
    positions = np.full(rows, subject.served.before(WORDS) + frames // 2)
    taken = []
    for _ in range(STEPS):
        began = time.perf_counter()
        model.step(slots, codes, positions)
        taken.append(time.perf_counter() - began)
    # The first ones are recorded.
    return statistics.median(taken[5:])
