"""Reading what one likes."""

from typing import Annotated

import strawberry

from domain.kit.paging import Page
from domain.likes.model import LikedTrack as LikedTrackModel
from domain.likes.service import LikeService
from graphql_api.core.connections import DEFAULT_PAGE, Connection, connection, page_request
from graphql_api.core.context import Info
from graphql_api.likes.types import LikedTrack


@strawberry.type
class LikeQuery:
    @strawberry.field(
        description="The tracks that you like, the latest first. Those that you may not see any more are left out, "
        "so a part may be shorter than `first`; `pageInfo` tells whether more follows."
    )
    async def liked_tracks(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = DEFAULT_PAGE,
        after: Annotated[str | None, strawberry.argument(description="A cursor to go on behind.")] = None,
    ) -> Connection[LikedTrack]:
        request = page_request(first, after)
        found = await info.context.service(LikeService).page(info.context.caller, request)
        return connection(Page(found.items, found.has_next), request, LikedTrack.of, _position, found.end)


def _position(liked: LikedTrackModel) -> str:
    return liked.like.place
