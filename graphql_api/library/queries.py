"""Reading one's own library, a track that one may listen to, and any node by its id."""

from typing import Annotated

import strawberry
from strawberry import relay

from domain.kit.keyset import place_to_text
from domain.library.listing import place_of
from domain.library.service import LibraryService
from domain.library.services.trash import TrackTrash
from domain.library.trash import LATEST_FIRST
from graphql_api.core.connections import DEFAULT_PAGE, Connection, connection, sorted_page_request
from graphql_api.core.context import Info
from graphql_api.core.ids import local_id
from graphql_api.core.nodes import load_nodes
from graphql_api.core.remembering import REMEMBERED
from graphql_api.library.listing import TrackFilterInput, TrackSort, filter_of, order_of
from graphql_api.library.loaders import TrackLoader
from graphql_api.library.trash_types import TrashedTrack
from graphql_api.library.types import Track


@strawberry.type
class LibraryQuery:
    @strawberry.field(description="Anything that has an id, if it is yours to see.")
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The id of the thing.")]
    ) -> relay.Node | None:
        return (await load_nodes(info, [id], "id"))[0]

    @strawberry.field(description="Many things at once; null for those not found.")
    async def nodes(
        self, info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="At most 100 ids.")]
    ) -> list[relay.Node | None]:
        return await load_nodes(info, ids, "ids")

    @strawberry.field(
        description="One of your tracks, or a public one; null when there is none with this id that you may listen to."
    )
    async def track(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The track's id.")]
    ) -> Track | None:
        found = await info.context.loader(TrackLoader).load(local_id(id, "Track", "id"))
        return None if found is None else Track.seen(found)

    @strawberry.field(
        description="Your tracks, the newest first if you do not say otherwise.", metadata={REMEMBERED: True}
    )
    async def tracks(
        self,
        info: Info,
        filter: Annotated[
            TrackFilterInput | None, strawberry.argument(description="Which of them; all if left out.")
        ] = None,
        sort: Annotated[
            TrackSort | None, strawberry.argument(description="In which order; CREATED_AT_DESC if left out.")
        ] = None,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = DEFAULT_PAGE,
        after: Annotated[
            str | None, strawberry.argument(description="A cursor of the same order to go on behind.")
        ] = None,
    ) -> Connection[Track]:
        order = order_of(sort)
        request = sorted_page_request(order, first, after)
        page = await info.context.service(LibraryService).tracks(info.context.caller, request, filter_of(filter))
        return connection(page, request, Track.of, lambda track: place_to_text(order, place_of(order, track)))

    @strawberry.field(description="Your tracks in the trash, the latest first.")
    async def trashed_tracks(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = DEFAULT_PAGE,
        after: Annotated[str | None, strawberry.argument(description="A cursor to go on behind.")] = None,
    ) -> Connection[TrashedTrack]:
        request = sorted_page_request(LATEST_FIRST, first, after)
        page = await info.context.service(TrackTrash).page(info.context.caller, request)
        return connection(page, request, TrashedTrack.of, lambda each: place_to_text(LATEST_FIRST, each.place))
