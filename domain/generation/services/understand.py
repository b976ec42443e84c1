"""Reading a prompt with the help of the embedding model."""

import asyncio

from domain.generation.errors import UnknownModel
from domain.generation.model import MODEL_CARDS, GenerationRequest, ModelCard, request_issues
from domain.kit.errors import ValidationFailed
from domain.kit.music_engine import ModelStatus, MusicEngine
from domain.music.anchors import Anchors, anchor_texts
from domain.music.brief import BriefOverrides, MusicBrief
from domain.music.understanding import understand


class PromptUnderstanding:
    """Turns words into a `MusicBrief`. The anchors are embedded once, on the first prompt."""

    def __init__(self, engine: MusicEngine) -> None:
        self._engine = engine
        self._anchors: Anchors | None = None
        self._loading = asyncio.Lock()

    async def read(self, prompt: str, overrides: BriefOverrides) -> MusicBrief:
        """Raises `DependencyUnavailable` when the embedding model does not answer."""
        anchors = await self._load_anchors()
        vectors = await self._engine.embed([prompt])
        return understand(prompt, overrides, anchors, vectors[0])

    async def preview(self, request: GenerationRequest) -> MusicBrief:
        """What a request would be understood as; raises `ValidationFailed` and `DependencyUnavailable`."""
        if issues := request_issues(request):
            raise ValidationFailed(issues)
        return await self.read(request.prompt, request.overrides())

    async def warm_up(self) -> None:
        await self._load_anchors()

    async def _load_anchors(self) -> Anchors:
        async with self._loading:
            if self._anchors is None:
                self._anchors = Anchors.from_vectors(await self._engine.embed(anchor_texts()))
            return self._anchors


class ModelCatalogue:
    """The models that people may choose, and whether the engine behind each answers."""

    def __init__(self, engine: MusicEngine) -> None:
        self._engine = engine

    def card(self, model_id: str) -> ModelCard:
        """Raises `UnknownModel`."""
        for card in MODEL_CARDS:
            if card.id == model_id:
                return card
        raise UnknownModel(model_id, [card.id for card in MODEL_CARDS])

    async def statuses(self) -> dict[str, ModelStatus]:
        """The served models by name; raises `DependencyUnavailable`."""
        return {status.name: status for status in await self._engine.models()}
