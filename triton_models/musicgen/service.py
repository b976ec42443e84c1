"""From a document to a song at the desk, without Triton: opening the graphs, refusing, and the words of failures."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import accumulate
from math import ceil
from pathlib import Path

import numpy as np

from triton_models.codec_stream.decoding import Floats
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
from triton_models.musicgen.checkpoint import MANIFEST, read_checkpoint
from triton_models.musicgen.codec import open_codec
from triton_models.musicgen.desk import MOST_SONGS, Desk, Listener
from triton_models.musicgen.instrument import Instrument
from triton_models.musicgen.melodies import Melodies
from triton_models.musicgen.references import NAME, open_reference_encoder, reference_samples
from triton_models.musicgen.requests import AskedSection, AudioRequest, AudioRequestError, parse_request
from triton_models.musicgen.result_cache import CacheNumbers, ResultCache, key_of
from triton_models.musicgen.songs import Reference, Section, Wish
from triton_models.musicgen.text import open_text_encoder
from triton_models.musicgen.window_plan import CONTEXT_SHARE, window_sizes
from triton_models.step_graph.code_books import CodeBookSettings
from triton_models.step_graph.devices import parse_device
from triton_models.step_graph.plans.opening import PlanRuntime


@dataclass(frozen=True)
class ServiceSettings:
    """`form` is that of the step graph and of the codec's memory: int8 or float32; on a `device` float16 or tensorrt.

    `memory` bytes are for the slots' keys and values. A slot holds `seconds`, longer songs are made in windows of which
    up to `context_share` was made before. `kept_bytes` are for codes of songs that were made. `threads` of each graph;
    the codec's thread works beside the step's. No more than `slots` rows, whatever the memory.
    """

    form: str = "int8"
    memory: int = 2 << 30
    seconds: float = 30.0
    words: int = 64
    threads: int = 1
    context_share: float = CONTEXT_SHARE
    kept_bytes: int = 64 << 20
    device: str = "cpu"
    slots: int = 64


class MusicGenService:
    """One checkpoint for all requests; `folder` holds what `model_export.musicgen export` made.

    `plans` are run by what is found here unless told.
    """

    def __init__(self, folder: Path, settings: ServiceSettings, plans: PlanRuntime | None = None) -> None:
        checkpoint, shape, device = read_checkpoint(folder), read_shape(folder), parse_device(settings.device)
        pattern, before = checkpoint.pattern, checkpoint.before(settings.words)
        codec = open_codec(folder, settings.form, settings.threads, device)
        self._instrument = Instrument(pattern, shape, codec)
        positions = pattern.positions(self._instrument.frames(settings.seconds))
        sizes = CodeBookSettings(
            memory=settings.memory,
            positions=min(before + positions, checkpoint.most_positions),
            words=settings.words,
            slots=settings.slots,
            threads=settings.threads,
        )
        model = checkpoint.open(settings.form, sizes, device, plans)
        self._encoder = open_text_encoder(folder, settings.words, settings.threads, device)
        most_songs = model.slots + MOST_SONGS
        self._references = open_reference_encoder(folder, shape, settings.threads, device)
        # A song has one window here at a time: whoever is at the desk is never refused here.
        self._runner = Runner(Scheduler(model, Limits(most_waiting=most_songs)), "musicgen-runner")
        self._windows = window_sizes(model.context - before - pattern.longest - 1, settings.context_share)
        self._cache = ResultCache(settings.kept_bytes)
        self._melodies = Melodies(checkpoint.melody, shape.hop)
        self._form = ((folder / MANIFEST).read_text(), asdict(settings), asdict(self._windows))
        self._desk = Desk(self._runner, self._instrument, self._windows, most_songs, self._cache)

    @property
    def sampling_rate(self) -> int:
        """Of what listeners hear, in Hz."""
        return self._instrument.shape.sampling_rate

    @property
    def channels(self) -> int:
        return self._instrument.pattern.channels

    def submit(
        self, document: bytes, listener: Listener, reference: Floats | None = None, melody: Floats | None = None
    ) -> None:
        """The listener is told how it ends; raises what `failure` has words for, and then it is not.

        `reference` [1 or 2, n] at the model's sampling rate is what the song goes on with, if its document says so.
        `melody`, alike, is what it follows, if the model hears melodies.
        """
        wanted = parse_request(document)
        if wanted.goes_on != (reference is not None):
            missing = NAME if wanted.goes_on else "continue"
            raise AudioRequestError(missing, f"is missing: continue and {NAME} belong together")
        samples = None if reference is None else self._context(reference, wanted.lead_seconds)
        followed = self._melodies.samples(melody, sum(section.seconds for section in wanted.sections))
        key = key_of(wanted, samples, self._form, followed)
        self._desk.submit(partial(self._wish, wanted, samples, followed), listener, key)

    def _context(self, reference: Floats, lead_seconds: float) -> Floats:
        shape = self._instrument.shape
        samples = reference_samples(reference, self.channels, shape, self._windows.context)
        if self._lead(lead_seconds) > samples.shape[1] // shape.hop:
            given = samples.shape[1] / shape.sampling_rate
            raise AudioRequestError("lead_seconds", f"must be at most {given:g}, which is used of {NAME}")
        return samples

    def _lead(self, seconds: float) -> int:
        """Frames that last at least that long."""
        return ceil(round(seconds * self._instrument.shape.sampling_rate / self._instrument.shape.hop, 6))

    def _wish(self, wanted: AudioRequest, samples: Floats | None, followed: Floats | None) -> Wish:
        return Wish(
            sections=self._sections(wanted.sections),
            seed=wanted.seed,
            sampling=wanted.sampling,
            guidance=wanted.guidance,
            owner=wanted.owner,
            priority=wanted.priority,
            melody=self._melodies.melody(followed),
            reference=None if samples is None else self._reference(samples, wanted.lead_seconds),
        )

    def _reference(self, samples: Floats, lead_seconds: float) -> Reference:
        return replace(self._references.reference(samples), lead=self._lead(lead_seconds))

    def _sections(self, asked: Sequence[AskedSection]) -> list[Section]:
        """Each ends at the frame at which it ends in the song, so that what is rounded does not add up."""
        ends = [self._instrument.frames(seconds) for seconds in accumulate(section.seconds for section in asked)]
        states = {prompt: self._encoder.states(prompt) for prompt in {section.prompt for section in asked}}
        frames = np.diff(ends, prepend=0).tolist()
        return [Section(states[section.prompt], count) for section, count in zip(asked, frames, strict=True)]

    def snapshot(self) -> Snapshot:
        """The scheduler's numbers; its requests are windows of songs."""
        found = self._runner.snapshot()
        return replace(found, refused=found.refused + self._desk.refused)

    def cached(self) -> CacheNumbers:
        """Those of the songs that are kept."""
        return self._cache.numbers()

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
