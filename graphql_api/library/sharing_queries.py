"""Finding what others have shared."""

from typing import Annotated

import strawberry

from domain.kit.errors import NotFound
from domain.kit.keyset import place_to_text
from domain.library.services.listen import TrackListening
from domain.library.sharing import LATEST_FIRST, place_of
from graphql_api.core.connections import DEFAULT_PAGE, Connection, connection, sorted_page_request
from graphql_api.core.context import Info
from graphql_api.core.ids import local_id
from graphql_api.library.types import Track


@strawberry.type
class SharedTrackQuery:
    @strawberry.field(description="The track that a link opens; null for one that opens nothing.")
    async def shared_track(
        self, info: Info, secret: Annotated[str, strawberry.argument(description="The secret of the link.")]
    ) -> Track | None:
        try:
            return Track.seen(await info.context.service(TrackListening).by_secret(info.context.caller, secret))
        except NotFound:
            return None

    @strawberry.field(description="The public tracks of a person, the latest first.")
    async def public_tracks(
        self,
        info: Info,
        owner_id: Annotated[strawberry.ID, strawberry.argument(description="Whose; see `Track.ownerId`.")],
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = DEFAULT_PAGE,
        after: Annotated[str | None, strawberry.argument(description="A cursor to go on behind.")] = None,
    ) -> Connection[Track]:
        request, owner = sorted_page_request(LATEST_FIRST, first, after), local_id(owner_id, "Account", "ownerId")
        page = await info.context.service(TrackListening).published(info.context.caller, owner, request)
        return connection(page, request, Track.seen, lambda each: place_to_text(LATEST_FIRST, place_of(each.track)))
