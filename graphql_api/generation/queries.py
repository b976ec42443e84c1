"""Models, vocabulary, and a look at what a prompt would be understood as."""

from typing import Annotated

import strawberry

from domain.generation.model import MODEL_CARDS
from domain.generation.services.request import GenerationRequests
from domain.generation.services.understand import ModelCatalogue, PromptUnderstanding
from domain.kit.caller import Scope
from domain.kit.errors import DependencyUnavailable
from domain.music.genres import GENRES
from domain.music.instruments import INSTRUMENTS
from domain.music.meters import METERS
from domain.music.moods import MOODS
from graphql_api.core.context import Info
from graphql_api.generation.inputs import GenerateTrackInput
from graphql_api.generation.types import GenerationQuote, Model, MusicBrief, Vocabulary


@strawberry.type
class GenerationQuery:
    @strawberry.field(description="The models that can make songs.")
    async def models(self, info: Info) -> list[Model]:
        try:
            statuses = await info.context.service(ModelCatalogue).statuses()
        except DependencyUnavailable:
            statuses = {}
        ready = {name for name, status in statuses.items() if status.ready}
        return [Model.of(card, ready.issuperset(card.triton_models)) for card in MODEL_CARDS]

    @strawberry.field(description="The words that explicit fields take.")
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(genres=list(GENRES), moods=list(MOODS), instruments=list(INSTRUMENTS), meters=list(METERS))

    @strawberry.field(description="What this input would be understood as, without making anything.")
    async def interpret_prompt(
        self,
        info: Info,
        input: Annotated[GenerateTrackInput, strawberry.argument(description="The wish for a song.")],
    ) -> MusicBrief:
        info.context.caller.require(Scope.GENERATE)
        return MusicBrief.of(await info.context.service(PromptUnderstanding).preview(input.to_request()))

    @strawberry.field(description="What this input would cost and how long it would take, without making anything.")
    async def quote_generation(
        self,
        info: Info,
        input: Annotated[GenerateTrackInput, strawberry.argument(description="The wish for a song.")],
    ) -> GenerationQuote:
        return GenerationQuote.of(
            await info.context.service(GenerationRequests).quote(info.context.caller, input.to_request())
        )
