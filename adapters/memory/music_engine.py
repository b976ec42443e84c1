"""A music engine that knows one chord, for tests of what stands around it."""

import asyncio
import json
from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from adapters.memory.score_writing import Score, bar_count, changed, new_score
from domain.kit.audio.media import Audio
from domain.kit.audio.music_engine import (
    COMPOSER,
    SAMPLE_RATE,
    Composition,
    ModelStatus,
    RenderedChunk,
    RenderEvent,
    RenderFinished,
    RenderProgress,
    Vectors,
    WritingEvent,
    WritingProgress,
    WritingTask,
)
from domain.kit.errors import DependencyUnavailable, EngineRefused
from domain.kit.queue import QueueName

CHUNK_SECONDS = 2.0
EMBEDDING_SIZE = 384
MODELS = ("text_embedding", COMPOSER, "renderer", "score_tiny")


@dataclass
class MemoryEngine:
    """Writes a few notes, and renders an A minor chord of the wanted length.

    `fail_at_chunk` and `is_down` make it break on purpose, and of the models in `lacks` there is none.
    """

    is_down: bool = False
    lacks: Collection[str] = ()
    fail_at_chunk: int | None = None
    seconds_per_chunk: float = 0.0
    closed_early: int = 0
    composed: int = 0
    rendered: int = 0

    async def embed(self, texts: Sequence[str]) -> Vectors:
        self._check()
        rows = [np.random.default_rng(sum(text.encode())).standard_normal(EMBEDDING_SIZE) for text in texts]
        vectors = np.asarray(rows, dtype=np.float32).reshape(len(texts), EMBEDDING_SIZE)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)

    async def write(self, task: WritingTask) -> AsyncGenerator[WritingEvent, None]:
        self._check()
        if task.model not in MODELS or task.model in self.lacks:
            raise DependencyUnavailable("Triton", f"there is no model {task.model}")
        if not 5 <= task.brief["duration_seconds"] <= 3600:
            raise EngineRefused("INVALID_BRIEF", "duration_seconds: must be from 5 to 3600")
        score = _written(task)
        if task.model != COMPOSER:
            bars = bar_count(score)
            for bar in range(bars):
                yield WritingProgress(bar + 1, bars)
        self.composed += 1
        yield Composition(score=json.dumps(score).encode(), midi=b"MThd\x00\x00\x00\x06", model_version="1")

    async def render(
        self, score: bytes, *, duration_seconds: float, stem_names: Sequence[str], queue: QueueName
    ) -> AsyncGenerator[RenderEvent, None]:
        self._check()
        _check_score(score)
        self.rendered += 1
        total = round(duration_seconds * SAMPLE_RATE)
        size = round(CHUNK_SECONDS * SAMPLE_RATE)
        finished = False
        try:
            yield RenderProgress("synthesis", 1.0)
            yield RenderProgress("mastering", 1.0)
            for index, start in enumerate(range(0, total, size)):
                if index == self.fail_at_chunk:
                    raise DependencyUnavailable("Triton", "broke on purpose")
                await asyncio.sleep(self.seconds_per_chunk)
                mix = _chord(start, min(start + size, total))
                yield RenderedChunk(index, mix, dict.fromkeys(stem_names, mix / 2))
            finished = True
            yield RenderFinished(total, -14.0, -1.0)
        finally:
            self.closed_early += not finished

    async def models(self) -> Sequence[ModelStatus]:
        self._check()
        return [ModelStatus(name, "1", ready=name not in self.lacks) for name in MODELS]

    def _check(self) -> None:
        if self.is_down:
            raise DependencyUnavailable("Triton", "switched off")


def _written(task: WritingTask) -> Score:
    if task.change is None:
        return new_score(task.brief)
    if task.model == COMPOSER:
        raise EngineRefused("INVALID_EDIT", "the composer writes new songs only")
    return changed(json.loads(task.change.score), task.change.fields, task.brief["seed"])


def _check_score(score: bytes) -> None:
    try:
        tracks = json.loads(score)["tracks"]
    except (ValueError, KeyError, TypeError) as error:
        raise EngineRefused("INVALID_SCORE", f"the score cannot be read ({error})") from error
    if not tracks:
        raise EngineRefused("INVALID_SCORE", "tracks: there are none")


def _chord(start: int, end: int) -> Audio:
    """Samples [start, end) of an endless A minor triad."""
    seconds = np.arange(start, end) / SAMPLE_RATE
    wave = sum(np.sin(2 * np.pi * frequency * seconds) for frequency in (220.0, 261.63, 329.63))
    return np.repeat(np.asarray(wave * 0.1, dtype=np.float32)[:, np.newaxis], 2, axis=1)
