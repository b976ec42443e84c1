"""The port to the music models. Audio is 44.1 kHz stereo float32 of shape [frames, 2] within -1..1."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from domain.kit.audio.media import Audio
from domain.kit.queue import QueueName

SAMPLE_RATE = 44_100
# The served model that writes by rule: new songs only, and words mean nothing to it.
COMPOSER = "composer"

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ScoreChange:
    """A cadenza.score/1 document, and what is to be done to it: the fields of cadenza.edit/1 beside the score."""

    score: bytes
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class WritingTask:
    """A score to be written by one served model for a cadenza.brief/1 object, in its queue's turn.

    `text` is the embedding [384] of the person's words, if there are any; `owner` is whose turn it is.
    """

    model: str
    brief: Mapping[str, Any]
    text: Vectors | None
    change: ScoreChange | None
    owner: str
    queue: QueueName


@dataclass(frozen=True)
class WritingProgress:
    """How many bars of how many are written."""

    bars: int
    of: int


@dataclass(frozen=True)
class Composition:
    """A score as cadenza.score/1 JSON, the same music as a Standard MIDI File, and the version of the model."""

    score: bytes
    midi: bytes
    model_version: str


@dataclass(frozen=True)
class RenderProgress:
    """How far the sound is, before the first audio arrives; `progress` is 0..1 of that stage."""

    stage: str
    progress: float


@dataclass(frozen=True)
class RenderedChunk:
    """The next piece of the song: the mastered mix and the stems under it, all of the same length."""

    index: int
    mix: Audio
    stems: Mapping[str, Audio]


@dataclass(frozen=True)
class RenderFinished:
    """The end of a rendering, with what the renderer measured on its own output."""

    frames: int
    loudness_lufs: float
    true_peak_dbtp: float


class EngineFault(Exception):
    """A model failed inside: a bug, not an outage. The text is for the log."""


WritingEvent = WritingProgress | Composition
RenderEvent = RenderProgress | RenderedChunk | RenderFinished


@dataclass(frozen=True)
class ModelStatus:
    """Whether one served model answers."""

    name: str
    version: str
    ready: bool


class MusicEngine(Protocol):
    """All methods raise `DependencyUnavailable` when the engine is out of reach, `EngineRefused` on bad input,
    `StorageFull` when it has no room, and `EngineFault` when a model is broken.
    """

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Sentence embeddings, float32 [texts, 384], L2-normalised."""
        ...

    def write(self, task: WritingTask) -> AsyncGenerator[WritingEvent, None]:
        """Writes a score, which comes last. Closing the generator stops the work on the server."""
        ...

    def render(
        self, score: bytes, *, duration_seconds: float, stem_names: Sequence[str], queue: QueueName
    ) -> AsyncGenerator[RenderEvent, None]:
        """Plays a score, in its queue's turn. Closing the generator stops the work on the server."""
        ...

    async def models(self) -> Sequence[ModelStatus]: ...
