"""Reading a prompt with the help of the embedding model."""

import asyncio
from dataclasses import dataclass

from domain.generation.instruction import as_written, kept
from domain.generation.model import GenerationRequest, request_issues
from domain.generation.outline import ScoreOutline
from domain.kit.audio.music_engine import MusicEngine, Vectors
from domain.kit.errors import ValidationFailed
from domain.kit.prose import is_seen
from domain.music.anchors import Anchors, anchor_texts
from domain.music.brief import BriefOverrides, MusicBrief
from domain.music.understanding import understand


@dataclass(frozen=True)
class Understood:
    """What words mean: as a brief, and as their embedding [384], if there are words."""

    brief: MusicBrief
    text: Vectors | None


class PromptUnderstanding:
    """Turns words into a `MusicBrief`. The anchors are embedded once, on the first prompt."""

    def __init__(self, engine: MusicEngine) -> None:
        self._engine = engine
        self._anchors: Anchors | None = None
        self._loading = asyncio.Lock()

    async def read(self, prompt: str, overrides: BriefOverrides) -> Understood:
        """Raises `DependencyUnavailable` when the embedding model does not answer."""
        anchors = await self._load_anchors()
        vectors = await self._engine.embed([prompt])
        return Understood(understand(prompt, overrides, anchors, vectors[0]), vectors[0])

    async def read_instruction(self, instruction: str, outline: ScoreOutline) -> Understood:
        """What a song is to be when it is changed; raises as `read` does."""
        if not is_seen(instruction):
            return Understood(as_written(outline), None)
        return await self.read(instruction, kept(instruction, outline))

    async def preview(self, request: GenerationRequest) -> MusicBrief:
        """What a request would be understood as; raises `ValidationFailed` and `DependencyUnavailable`."""
        if issues := request_issues(request):
            raise ValidationFailed(issues)
        return (await self.read(request.prompt, request.overrides())).brief

    async def warm_up(self) -> None:
        await self._load_anchors()

    async def _load_anchors(self) -> Anchors:
        async with self._loading:
            if self._anchors is None:
                self._anchors = Anchors.from_vectors(await self._engine.embed(anchor_texts()))
            return self._anchors
