"""Going on behind the end of a recording: what there is of it first, then what a model of sound makes of its end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from domain.generation.joining import Crossfade, leaving_frame
from domain.generation.limits import MIN_SECTION_SECONDS
from domain.generation.model import Generation
from domain.generation.services.parents import Parents
from domain.generation.services.recordings import Recorded, Recordings
from domain.jobs.model import Lease
from domain.kit.audio.audio_engine import AudioEngine, AudioSection, AudioTask, Beginning
from domain.kit.audio.media import SEGMENT_RATE
from domain.kit.audio.music_engine import RenderedChunk, RenderEvent

CHUNK_FRAMES: Final = 4 * SEGMENT_RATE
# Of what stands before, models hear the last seconds; where the song still plays is found by a little more.
HEARD_FRAMES: Final = 12 * SEGMENT_RATE
TAIL_FRAMES: Final = 20 * SEGMENT_RATE
LEAD_FRAMES: Final = SEGMENT_RATE // 10


@dataclass(frozen=True)
class Further:
    """What is to come behind a version: by which served model, told what, and how long all of it is then."""

    model: str
    words: str
    seconds: float


class SoundContinuation:
    """The recording stays as it is up to where it is left (`leaving_frame`); the model's first tenth of a second, which
    sounds as its last one does, is faded into.
    """

    def __init__(self, parents: Parents, recordings: Recordings, engine: AudioEngine) -> None:
        self._parents = parents
        self._recordings = recordings
        self._engine = engine

    async def sound(self, lease: Lease, generation: Generation, further: Further) -> AsyncGenerator[RenderEvent, None]:
        """Raises `NotFound` when the version has gone, and what the engine raises."""
        version = await self._parents.version_of(generation)
        async with self._recordings.opened(version, lease.job_id) as before:
            left = await asyncio.to_thread(_left, before)
            heard = await asyncio.to_thread(before.read, max(0, left - HEARD_FRAMES), left)
            lead = min(LEAD_FRAMES, len(heard))
            index = 0
            for start in range(0, left - lead, CHUNK_FRAMES):
                stop = min(start + CHUNK_FRAMES, left - lead)
                yield RenderedChunk(index, await asyncio.to_thread(before.read, start, stop), {})
                index += 1
        task = AudioTask(
            model=further.model,
            sections=[AudioSection(further.words, _missing_seconds(further, left))],
            seed=generation.seed,
            owner=generation.owner_id,
            queue=lease.queue,
            beginning=Beginning(heard, lead),
        )
        fade = Crossfade(heard[len(heard) - lead :])
        async with aclosing(self._engine.generate(task)) as events:
            async for event in events:
                if isinstance(event, RenderedChunk):
                    yield RenderedChunk(index, fade.into(event.mix), {})
                    index += 1
                else:
                    yield event


def _missing_seconds(further: Further, left: int) -> float:
    """Counted in frames, so that rounding asks for no less than a section may have."""
    return max(MIN_SECTION_SECONDS, (round(further.seconds * SEGMENT_RATE) - left) / SEGMENT_RATE)


def _left(before: Recorded) -> int:
    start = max(0, before.frames - TAIL_FRAMES)
    return start + leaving_frame(before.read(start, before.frames))
