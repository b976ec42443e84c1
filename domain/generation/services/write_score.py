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
        """Raises `EngineRefused` and `DependencyUnavailable`."""
        written = await self._steps.find(lease.job_id, SCORE_STEP)
        if written is not None:
            composition = composition_from_json(written)
            return Song(generation, composition, ScoreOutline.parse(composition.score))
        composition = await self._compose(lease, generation)
        song = Song(generation, composition, ScoreOutline.parse(composition.score))
        await self._store.set_title(lease.job_id, song.title)
        await self._steps.record(lease, SCORE_STEP, composition_to_json(composition))
        return song

    async def _compose(self, lease: Lease, generation: Generation) -> Composition:
        request = generation.request
        await self._running.enter(lease, JobStage.UNDERSTANDING, STARTS[JobStage.UNDERSTANDING])
        brief = await self._understanding.read(request.prompt, request.overrides())
        await self._store.set_brief(lease.job_id, brief)
        await self._running.enter(lease, JobStage.COMPOSING, STARTS[JobStage.COMPOSING])
        return await self._engine.compose(
            to_composer_json(
                brief, duration_seconds=request.duration_seconds, seed=generation.seed, title=request.title
            )
        )
