"""What a change of a song would cost."""

from typing import Annotated

import strawberry

from domain.generation.services.request import GenerationRequests
from graphql_api.core.context import Info
from graphql_api.generation.edit_inputs import (
    AddLayerInput,
    EditInput,
    ExtendTrackInput,
    RepaintTrackInput,
    VaryTrackInput,
)
from graphql_api.generation.types import GenerationQuote

DESCRIPTION = "What `{}` would cost with this input and how long it would take, without changing anything."


@strawberry.type
class EditQuery:
    @strawberry.field(description=DESCRIPTION.format("extendTrack"))
    async def quote_extension(
        self, info: Info, input: Annotated[ExtendTrackInput, strawberry.argument(description="The wish for more.")]
    ) -> GenerationQuote:
        return await _quoted(info, input)

    @strawberry.field(description=DESCRIPTION.format("repaintTrack"))
    async def quote_repaint(
        self, info: Info, input: Annotated[RepaintTrackInput, strawberry.argument(description="Which bars of what.")]
    ) -> GenerationQuote:
        return await _quoted(info, input)

    @strawberry.field(description=DESCRIPTION.format("addLayer"))
    async def quote_layer(
        self, info: Info, input: Annotated[AddLayerInput, strawberry.argument(description="Which instrument.")]
    ) -> GenerationQuote:
        return await _quoted(info, input)

    @strawberry.field(description=DESCRIPTION.format("varyTrack"))
    async def quote_variation(
        self, info: Info, input: Annotated[VaryTrackInput, strawberry.argument(description="What to vary.")]
    ) -> GenerationQuote:
        return await _quoted(info, input)


async def _quoted(info: Info, given: EditInput) -> GenerationQuote:
    quote = await info.context.service(GenerationRequests).quote(info.context.caller, given.to_request())
    return GenerationQuote.of(quote)
