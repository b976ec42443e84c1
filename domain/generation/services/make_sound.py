"""From words to sound without a score: reading them for the library, and a model that hears them as they are."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from domain.generation.description import described
from domain.generation.model import Generation
from domain.generation.models import ModelCard
from domain.generation.sampled_song import SampledSong
from domain.generation.services.continue_sound import Further, SoundContinuation
from domain.generation.services.making import Begun
from domain.generation.services.parents import Parents
from domain.generation.services.recordings import Recordings
from domain.generation.services.understand import PromptUnderstanding
from domain.generation.stages import STARTS
from domain.generation.store import GenerationStore
from domain.jobs.model import JobStage, Lease
from domain.jobs.services.run import JobRunning
from domain.kit.audio.audio_engine import AudioEngine, AudioTask
from domain.kit.audio.media import SEGMENT_RATE
from domain.kit.audio.music_engine import RenderEvent
from domain.kit.caller import Caller
from domain.kit.prose import is_seen
from domain.kit.transactions import Session
from domain.library.terms import Terms
from domain.music.brief import MusicBrief

# Of what nobody has said a word.
ANY_MUSIC = "music"


class SoundMaking:
    """A `Maker`. An attempt begins anew where another broke off: the same seed gives the same song."""

    def __init__(
        self,
        store: GenerationStore,
        understanding: PromptUnderstanding,
        parents: Parents,
        recordings: Recordings,
        engine: AudioEngine,
        continuation: SoundContinuation,
        running: JobRunning,
    ) -> None:
        self._store = store
        self._understanding = understanding
        self._parents = parents
        self._recordings = recordings
        self._engine = engine
        self._continuation = continuation
        self._running = running

    async def begin(self, lease: Lease, generation: Generation, card: ModelCard) -> Begun:
        """Raises `DependencyUnavailable`, `JobCanceled` and `LeaseLost`, and `NotFound` for a version that has gone."""
        request = generation.request
        await self._running.enter(lease, JobStage.UNDERSTANDING, STARTS[JobStage.UNDERSTANDING])
        words = request.prompt if request.edit is None else await self._words(generation)
        brief = await self._understand(generation, words)
        song = SampledSong(generation, brief, card, await self._terms_before(generation))

        async def note(session: Session) -> None:
            await self._store.set_written(lease.job_id, brief, song.title, session, card)

        await self._running.under(lease, note)
        await self._running.enter(lease, JobStage.SYNTHESIZING, STARTS[JobStage.SYNTHESIZING])
        if request.edit is not None:
            further = Further(card.maker, words, request.duration_seconds)
            return Begun(song, lambda: self._continuation.sound(lease, generation, further))
        task = AudioTask(card.maker, described(request), generation.seed, generation.owner_id, lease.queue)
        if request.melody_version_id is None:
            return Begun(song, lambda: self._engine.generate(task))
        return Begun(song, lambda: self._following(generation, task))

    async def _understand(self, generation: Generation, words: str) -> MusicBrief:
        """As an earlier attempt has understood it, if there was one."""
        if generation.brief is not None:
            return generation.brief
        return (await self._understanding.read(words, generation.request.overrides())).brief

    async def _following(self, generation: Generation, task: AudioTask) -> AsyncGenerator[RenderEvent, None]:
        """With as much of the melody as the song is long, which is held no longer than it takes to send it."""
        version = await self._parents.seen(Caller(generation.owner_id), generation.request.melody_version_id or "")
        most = round(generation.request.duration_seconds * SEGMENT_RATE)
        async with self._recordings.opened(version, generation.job_id) as recorded:
            melody = await asyncio.to_thread(recorded.read, 0, most)
        async with aclosing(self._engine.generate(replace(task, melody=melody))) as events:
            del melody
            async for event in events:
                yield event

    async def _terms_before(self, generation: Generation) -> tuple[Terms, ...]:
        """Of the version whose sound stays in it."""
        return () if generation.request.edit is None else (await self._parents.version_of(generation)).origin.terms

    async def _words(self, generation: Generation) -> str:
        """The instruction, or else what the version was made of, or else what its track is said to be."""
        if is_seen(generation.request.prompt):
            return generation.request.prompt.strip()
        version = await self._parents.version_of(generation)
        made = await self._store.find(version.origin.job_id) if version.origin.job_id else None
        if made is not None and is_seen(made.request.prompt):
            return made.request.prompt.strip()
        return await self._parents.genre_of(generation) or ANY_MUSIC
