"""Forgetting what one has listened to."""

from typing import Annotated

import strawberry

from domain.plays.services.history import PlayHistory
from graphql_api.core.context import Info
from graphql_api.core.problems import Forbidden, Unauthenticated, ValidationFailed
from graphql_api.plays.inputs import ClearPlayHistoryInput


@strawberry.type(description="Nobody can tell any more what you have listened to; the tracks keep their counts.")
class ClearPlayHistorySuccess:
    cleared_count: int = strawberry.field(description="How many plays were taken out of your history.")


ClearPlayHistoryResult = Annotated[
    ClearPlayHistorySuccess | ValidationFailed | Forbidden | Unauthenticated,
    strawberry.union("ClearPlayHistoryResult", description="How clearing the history ended."),
]


@strawberry.type
class PlayMutation:
    @strawberry.mutation(description="Takes plays out of your history for good.")
    async def clear_play_history(
        self, info: Info, input: Annotated[ClearPlayHistoryInput, strawberry.argument(description="What to forget.")]
    ) -> ClearPlayHistoryResult:
        cleared = await info.context.service(PlayHistory).clear(info.context.caller, input.before)
        return ClearPlayHistorySuccess(cleared_count=cleared)
