"""How a song of one kind of model comes about, as its production sees it."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Protocol

from domain.generation.model import Generation
from domain.generation.models import ModelCard
from domain.generation.song import Song
from domain.jobs.model import Lease
from domain.kit.audio.music_engine import RenderEvent


@dataclass(frozen=True)
class Begun:
    """A song that can sound: `sound` makes it from its start, each time it is called."""

    song: Song
    sound: Callable[[], AsyncGenerator[RenderEvent, None]]


class Maker(Protocol):
    """Of songs by models of one kind."""

    async def begin(self, lease: Lease, generation: Generation, card: ModelCard) -> Begun:
        """All that comes before the sound. Raises what the job runner sorts."""
        ...
