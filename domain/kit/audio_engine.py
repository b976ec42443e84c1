"""The port to models that make sound straight from words, whatever server they run on."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.kit.music_engine import RenderEvent
from domain.kit.queue import QueueName


@dataclass(frozen=True)
class AudioModel:
    """A model as its server describes it: `served` is its name there, `commercial_use` None where nobody knows."""

    id: str
    served: str
    version: str
    name: str
    description: str
    licence: str
    commercial_use: bool | None
    longest_seconds: float
    is_ready: bool


@dataclass(frozen=True)
class AudioSection:
    """So many seconds of what these words describe."""

    prompt: str
    seconds: float


@dataclass(frozen=True)
class AudioTask:
    """A song to be made by the model that is served under this name, in its queue's turn; `owner` is whose turn."""

    model: str
    sections: Sequence[AudioSection]
    seed: int
    owner: str
    queue: QueueName

    @property
    def seconds(self) -> float:
        """All of it."""
        return sum(section.seconds for section in self.sections)


class AudioEngine(Protocol):
    """Both methods raise `DependencyUnavailable` when the engine is out of reach."""

    async def audio_models(self) -> Sequence[AudioModel]:
        """All that are served now."""
        ...

    def generate(self, task: AudioTask) -> AsyncGenerator[RenderEvent, None]:
        """Levelled chunks while they are made, then the end; as many frames as the seconds have at 44.1 kHz.

        The same task gives the same sound. Raises `EngineRefused` and `EngineFault`; closing the generator stops the
        work on the server.
        """
        ...
