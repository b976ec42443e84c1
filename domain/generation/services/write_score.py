"""From words to a score: reading them and writing, or changing what was written, once for all attempts of a job."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from domain.generation.model import Generation
from domain.generation.models import ModelCard
from domain.generation.outline import ScoreOutline
from domain.generation.services.making import Begun
from domain.generation.services.parents import Parents
from domain.generation.services.understand import PromptUnderstanding, Understood
from domain.generation.stages import STARTS, within
from domain.generation.store import GenerationStore
from domain.generation.written_song import WrittenSong, composition_from_json, composition_to_json
from domain.jobs.model import JobStage, Lease
from domain.jobs.services.run import JobRunning
from domain.jobs.services.steps import JobSteps
from domain.kit.audio.music_engine import (
    Composition,
    MusicEngine,
    RenderEvent,
    ScoreChange,
    WritingProgress,
    WritingTask,
)
from domain.kit.errors import EngineRefused
from domain.kit.transactions import Session
from domain.music.understanding import to_composer_json

SCORE_STEP = "score"


class ScoreWriting:
    """A `Maker`: writes a score and has it played. One that an earlier attempt has written is taken up again."""

    def __init__(
        self,
        store: GenerationStore,
        parents: Parents,
        understanding: PromptUnderstanding,
        engine: MusicEngine,
        running: JobRunning,
        steps: JobSteps,
    ) -> None:
        self._store = store
        self._parents = parents
        self._understanding = understanding
        self._engine = engine
        self._running = running
        self._steps = steps

    async def begin(self, lease: Lease, generation: Generation, card: ModelCard) -> Begun:
        """Raises `EngineRefused`, `DependencyUnavailable`, `JobCanceled` and `LeaseLost`.

        Also `NotFound` when the version to be changed has gone.
        """
        song = await self._song(lease, generation, card)
        return Begun(song, lambda: self._played(lease, song))

    def _played(self, lease: Lease, song: WrittenSong) -> AsyncGenerator[RenderEvent, None]:
        return self._engine.render(
            song.composition.score,
            duration_seconds=song.generation.request.duration_seconds,
            stem_names=song.stem_names,
            queue=lease.queue,
        )

    async def _song(self, lease: Lease, generation: Generation, card: ModelCard) -> WrittenSong:
        written = await self._steps.find(lease.job_id, SCORE_STEP)
        if written is not None:
            composition = composition_from_json(written)
            return WrittenSong(generation, composition, ScoreOutline.parse(composition.score))
        await self._running.enter(lease, JobStage.UNDERSTANDING, STARTS[JobStage.UNDERSTANDING])
        parent = await self._parents.score_of(generation)
        understood = await self._understand(generation, parent)
        await self._running.enter(lease, JobStage.COMPOSING, STARTS[JobStage.COMPOSING])
        composition = await self._compose(lease, _task(lease, generation, card, understood, parent))
        song = WrittenSong(generation, composition, ScoreOutline.parse(composition.score))

        async def effects(session: Session) -> None:
            await self._store.set_written(lease.job_id, understood.brief, song.title, session)

        await self._steps.record(lease, SCORE_STEP, composition_to_json(composition), effects)
        return song

    async def _understand(self, generation: Generation, parent: bytes | None) -> Understood:
        request = generation.request
        if parent is None:
            return await self._understanding.read(request.prompt, request.overrides())
        return await self._understanding.read_instruction(request.prompt, ScoreOutline.parse(parent))

    async def _compose(self, lease: Lease, task: WritingTask) -> Composition:
        composition: Composition | None = None
        async with aclosing(self._engine.write(task)) as events:
            async for event in events:
                if isinstance(event, WritingProgress):
                    await self._running.report(lease, within(JobStage.COMPOSING, event.bars / event.of))
                else:
                    composition = event
        if composition is None:
            raise EngineRefused("INCOMPLETE", "the model stopped before the end of the score")
        return composition


def _task(
    lease: Lease, generation: Generation, card: ModelCard, understood: Understood, parent: bytes | None
) -> WritingTask:
    request = generation.request
    edit = request.edit
    return WritingTask(
        model=card.maker,
        brief=to_composer_json(
            understood.brief, duration_seconds=request.duration_seconds, seed=generation.seed, title=request.title
        ),
        text=understood.text,
        change=None if parent is None or edit is None else ScoreChange(parent, edit.fields()),
        owner=generation.owner_id,
        queue=lease.queue,
    )
