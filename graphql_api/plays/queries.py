"""Reading what one has listened to."""

from typing import Annotated

import strawberry

from domain.plays.model import HeardTrack
from domain.plays.services.history import PlayHistory
from graphql_api.core.connections import DEFAULT_PAGE, Connection, connection, page_request
from graphql_api.core.context import Info
from graphql_api.plays.types import Play


@strawberry.type
class PlayQuery:
    @strawberry.field(description="What you have listened to, newest first.")
    async def play_history(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = DEFAULT_PAGE,
        after: Annotated[str | None, strawberry.argument(description="A cursor to go on behind.")] = None,
    ) -> Connection[Play]:
        request = page_request(first, after)
        page = await info.context.service(PlayHistory).page(info.context.caller, request)
        return connection(page, request, Play.of, _position)


def _position(heard: HeardTrack) -> str:
    return heard.id
