"""From words to sound without a score: reading them for the library, and a model that hears them as they are."""

from domain.generation.description import described
from domain.generation.model import Generation
from domain.generation.models import ModelCard
from domain.generation.sampled_song import SampledSong
from domain.generation.services.making import Begun
from domain.generation.services.understand import PromptUnderstanding
from domain.generation.stages import STARTS
from domain.generation.store import GenerationStore
from domain.jobs.model import JobStage, Lease
from domain.jobs.services.run import JobRunning
from domain.kit.audio_engine import AudioEngine, AudioTask
from domain.kit.transactions import Session


class SoundMaking:
    """A `Maker`. An attempt begins anew where another broke off: the same seed gives the same song."""

    def __init__(
        self, store: GenerationStore, understanding: PromptUnderstanding, engine: AudioEngine, running: JobRunning
    ) -> None:
        self._store = store
        self._understanding = understanding
        self._engine = engine
        self._running = running

    async def begin(self, lease: Lease, generation: Generation, card: ModelCard) -> Begun:
        """Raises `DependencyUnavailable`, `JobCanceled` and `LeaseLost`."""
        request = generation.request
        await self._running.enter(lease, JobStage.UNDERSTANDING, STARTS[JobStage.UNDERSTANDING])
        understood = await self._understanding.read(request.prompt, request.overrides())
        song = SampledSong(generation, understood.brief, card)

        async def note(session: Session) -> None:
            await self._store.set_written(lease.job_id, understood.brief, song.title, session)

        await self._running.under(lease, note)
        await self._running.enter(lease, JobStage.SYNTHESIZING, STARTS[JobStage.SYNTHESIZING])
        task = AudioTask(card.maker, described(request), generation.seed, generation.owner_id, lease.queue)
        return Begun(song, lambda: self._engine.generate(task))
