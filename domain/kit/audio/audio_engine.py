"""The port to models that make sound straight from words, whatever server they run on."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.kit.audio.media import Audio
from domain.kit.audio.music_engine import RenderEvent
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
    hears_melodies: bool
    is_ready: bool


@dataclass(frozen=True)
class AudioSection:
    """So many seconds of what these words describe."""

    prompt: str
    seconds: float


@dataclass(frozen=True, eq=False)
class Beginning:
    """What a song is to go on from: the last `samples` [frames, 2] of another one, at 44.1 kHz.

    What is made begins `lead_frames` before their end, where it sounds as they do, so that both can be crossfaded.
    """

    samples: Audio
    lead_frames: int


@dataclass(frozen=True)
class AudioTask:
    """A song to be made by the model that is served under this name, in its queue's turn; `owner` is whose turn.

    `melody` [frames, 2], at 44.1 kHz, is the recording whose melody it is to follow.
    """

    model: str
    sections: Sequence[AudioSection]
    seed: int
    owner: str
    queue: QueueName
    beginning: Beginning | None = None
    melody: Audio | None = None

    @property
    def seconds(self) -> float:
        """All of it, but for the lead."""
        return sum(section.seconds for section in self.sections)


class AudioEngine(Protocol):
    """Both methods raise `DependencyUnavailable` when the engine is out of reach."""

    async def audio_models(self) -> Sequence[AudioModel]:
        """All that are served now."""
        ...

    def generate(self, task: AudioTask) -> AsyncGenerator[RenderEvent, None]:
        """Chunks while they are made, then the end; as many frames as the seconds have at 44.1 kHz, and the lead.

        They are levelled and fade out, unless they go on from a beginning: then they are as loud as that is. The same
        task gives the same sound. Raises `EngineRefused` and `EngineFault`; closing the generator stops the work on
        the server.
        """
        ...
