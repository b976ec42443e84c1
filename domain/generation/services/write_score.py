"""From words to a score: reading the prompt and composing, once for all attempts of a job."""

from domain.generation.model import Generation
from domain.generation.outline import ScoreOutline
from domain.generation.services.understand import PromptUnderstanding
from domain.generation.song import Song, composition_from_json, composition_to_json
from domain.generation.stages import STARTS
from domain.generation.store import GenerationStore
from domain.jobs.model import JobStage, Lease
from domain.jobs.services.run import JobRunning
from domain.jobs.services.steps import JobSteps
from domain.kit.music_engine import Composition, MusicEngine
from domain.kit.transactions import Session
from domain.music.brief import MusicBrief
from domain.music.understanding import to_composer_json

SCORE_STEP = "score"


class ScoreWriting:
    """A score that an earlier attempt has written is taken up again."""

    def __init__(
        self,
        store: GenerationStore,
        understanding: PromptUnderstanding,
        engine: MusicEngine,
        running: JobRunning,
        steps: JobSteps,
    ) -> None:
        self._store = store
        self._understanding = understanding
        self._engine = engine
        self._running = running
        self._steps = steps

    async def write(self, lease: Lease, generation: Generation) -> Song:
        """Raises `EngineRefused`, `DependencyUnavailable`, `JobCanceled` and `LeaseLost`."""
        written = await self._steps.find(lease.job_id, SCORE_STEP)
        if written is not None:
            composition = composition_from_json(written)
            return Song(generation, composition, ScoreOutline.parse(composition.score))
        await self._running.enter(lease, JobStage.UNDERSTANDING, STARTS[JobStage.UNDERSTANDING])
        brief = await self._understanding.read(generation.request.prompt, generation.request.overrides())
        await self._running.enter(lease, JobStage.COMPOSING, STARTS[JobStage.COMPOSING])
        composition = await self._compose(generation, brief)
        song = Song(generation, composition, ScoreOutline.parse(composition.score))

        async def effects(session: Session) -> None:
            await self._store.set_written(lease.job_id, brief, song.title, session)

        await self._steps.record(lease, SCORE_STEP, composition_to_json(composition), effects)
        return song

    async def _compose(self, generation: Generation, brief: MusicBrief) -> Composition:
        request = generation.request
        return await self._engine.compose(
            to_composer_json(
                brief, duration_seconds=request.duration_seconds, seed=generation.seed, title=request.title
            )
        )
