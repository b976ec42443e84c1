"""Models, vocabulary, and a look at what a prompt would be understood as."""

from typing import Annotated

import strawberry

from domain.generation.services.models import ModelCatalogue
from domain.generation.services.request import GenerationRequests
from domain.generation.services.understand import PromptUnderstanding
from domain.kit.caller import Scope
from domain.music.genres import GENRES
from domain.music.instruments import INSTRUMENTS
from domain.music.meters import METERS
from domain.music.moods import MOODS
from graphql_api.core.context import Info
from graphql_api.generation.inputs import GenerateTrackInput
from graphql_api.generation.model_types import Model
from graphql_api.generation.types import GenerationQuote, MusicBrief, Vocabulary


@strawberry.type
class GenerationQuery:
    @strawberry.field(description="The models that can make songs.")
    async def models(self, info: Info) -> list[Model]:
        return [Model.of(model) for model in await info.context.service(ModelCatalogue).listed()]

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
