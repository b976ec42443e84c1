"""Which models there are: our own, and those that the server of models has besides them."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from domain.generation.errors import ModelNotAllowed, UnknownModel
from domain.generation.models import SCORE_CARDS, ListedModel, ModelCard, audio_card, score_card, usual_card
from domain.kit.audio.audio_engine import AudioEngine, AudioModel
from domain.kit.audio.music_engine import MusicEngine
from domain.kit.clock import Clock
from domain.kit.errors import DependencyUnavailable

FRESH = timedelta(seconds=10)
# For whoever names a model that was not there: it may just have come.
JUST_ASKED = timedelta(seconds=1)


class ModelCatalogue:
    """What the server said is believed for ten seconds, also that it says nothing, so that it is not asked each time.

    A model that it had not said to have is asked for again, so that one is found as soon as it is served, and a song
    that is begun hears what is served by then. Models whose licence forbids commercial use are listed, and refused
    unless `non_commercial` allows them.
    """

    def __init__(self, engine: MusicEngine, audio: AudioEngine, clock: Clock, *, non_commercial: bool) -> None:
        self._engine = engine
        self._audio = audio
        self._clock = clock
        self._non_commercial = non_commercial
        self._known: Sequence[AudioModel] = ()
        self._answered: tuple[datetime, Collection[str]] | None = None
        self._read_at: datetime | None = None
        self._is_away = False
        self._reading = asyncio.Lock()

    async def listed(self) -> Sequence[ListedModel]:
        """Our own first. While the server is out of reach none is ready, and those that it had are told of."""
        ready = await self._answering()
        try:
            audio = await self._audio_models()
            ready |= {model.served for model in audio if model.is_ready}
        except DependencyUnavailable:
            audio = self._known
        cards = [*SCORE_CARDS, *(audio_card(model) for model in audio)]
        return [ListedModel(card, ready.issuperset(card.served), self._allows(card)) for card in cards]

    async def usual(self, *, has_energy: bool) -> ModelCard:
        """The one for a request that names none."""
        now = self._clock.now()
        if self._answered is None or now - self._answered[0] >= FRESH:
            self._answered = now, await self._answering()
        return usual_card(self._answered[1], has_energy=has_energy)

    async def chosen(self, model_id: str) -> ModelCard:
        """The one that a request names.

        Raises `UnknownModel`, `ModelNotAllowed`, and `DependencyUnavailable` for one that is not our own while the
        server is out of reach and was not asked before.
        """
        card = score_card(model_id) or await self._audio_card(model_id, FRESH)
        if card is None:
            card = await self._audio_card(model_id, JUST_ASKED)
        if card is None:
            raise UnknownModel(model_id, [*(card.id for card in SCORE_CARDS), *(model.id for model in self._known)])
        if not self._allows(card):
            raise ModelNotAllowed(card.name, card.licence)
        return card

    async def accepted(self, model_id: str) -> ModelCard:
        """The one that an accepted song is made by. Raises `DependencyUnavailable` when the server lacks it now."""
        card = score_card(model_id) or await self._audio_card(model_id, JUST_ASKED)
        if card is None:
            raise DependencyUnavailable("Triton", f"the model {model_id} is not served any more")
        return card

    async def _answering(self) -> set[str]:
        try:
            return {status.name for status in await self._engine.models() if status.ready}
        except DependencyUnavailable:
            return set()

    def _allows(self, card: ModelCard) -> bool:
        return card.commercial_use is not False or self._non_commercial

    async def _audio_card(self, model_id: str, within: timedelta) -> ModelCard | None:
        """While the server is away, one of those that it had, or nobody can tell."""
        try:
            await self._audio_models(within)
        except DependencyUnavailable:
            if self._known_card(model_id) is None:
                raise
        return self._known_card(model_id)

    def _known_card(self, model_id: str) -> ModelCard | None:
        return next((audio_card(model) for model in self._known if model.id == model_id), None)

    async def _audio_models(self, within: timedelta = FRESH) -> Sequence[AudioModel]:
        async with self._reading:
            now = self._clock.now()
            if self._read_at is None or now - self._read_at >= within:
                self._read_at, self._is_away = now, False
                try:
                    self._known = await self._audio.audio_models()
                except DependencyUnavailable:
                    self._is_away = True
            if self._is_away:
                raise DependencyUnavailable("Triton", "it did not tell its models")
            return self._known
