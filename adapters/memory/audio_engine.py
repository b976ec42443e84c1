"""An audio engine that knows one tone for each wish, for tests of what stands around it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from domain.kit.audio.audio_engine import AudioModel, AudioTask
from domain.kit.audio.media import Audio
from domain.kit.audio.music_engine import SAMPLE_RATE, RenderedChunk, RenderEvent, RenderFinished
from domain.kit.errors import DependencyUnavailable

CHUNK_SECONDS = 2.0
LOWEST_HZ, SPAN_HZ = 110, 330
TONES = AudioModel(
    id="tones",
    served="tones",
    version="1",
    name="Tones",
    description="Plays a tone for each section.",
    licence="apache-2.0",
    commercial_use=True,
    longest_seconds=120.0,
    hears_melodies=False,
    is_ready=True,
)

MELODIC = replace(TONES, id="melodic", served="melodic", name="Melodic", hears_melodies=True)


@dataclass
class MemoryAudioEngine:
    """Makes a tone of each section's words and the seed; `served` is what it has, such as TONES and MELODIC.

    `is_down` and `fail_at_chunk` make it break on purpose.
    """

    served: Sequence[AudioModel] = ()
    is_down: bool = False
    fail_at_chunk: int | None = None
    seconds_per_chunk: float = 0.0
    closed_early: int = 0
    asked: list[AudioTask] = field(default_factory=list)

    async def audio_models(self) -> Sequence[AudioModel]:
        self._check()
        return self.served

    async def generate(self, task: AudioTask) -> AsyncGenerator[RenderEvent, None]:
        self._check()
        if task.model not in {model.served for model in self.served}:
            raise DependencyUnavailable("Triton", f"there is no model {task.model}")
        self.asked.append(task)
        tones = [_tone(f"{section.prompt} {task.seed}", section.seconds) for section in task.sections]
        song = np.concatenate([_lead(task), *tones])
        size, finished = round(CHUNK_SECONDS * SAMPLE_RATE), False
        try:
            for index, start in enumerate(range(0, len(song), size)):
                if index == self.fail_at_chunk:
                    raise DependencyUnavailable("Triton", "broke on purpose")
                await asyncio.sleep(self.seconds_per_chunk)
                yield RenderedChunk(index, song[start : start + size], {})
            finished = True
            yield RenderFinished(len(song), -14.0, -1.0)
        finally:
            self.closed_early += not finished

    def _check(self) -> None:
        if self.is_down:
            raise DependencyUnavailable("Triton", "switched off")


def _lead(task: AudioTask) -> Audio:
    """As the end of what was before sounds."""
    before = task.beginning
    return (
        np.zeros((0, 2), np.float32) if before is None else before.samples[len(before.samples) - before.lead_frames :]
    )


def _tone(words: str, seconds: float) -> Audio:
    frequency = LOWEST_HZ + sum(words.encode()) % SPAN_HZ
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    wave = np.asarray(0.3 * np.sin(2 * np.pi * frequency * time), dtype=np.float32)
    return np.repeat(wave[:, np.newaxis], 2, axis=1)
