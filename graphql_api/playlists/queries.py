"""Reading playlists."""

from typing import Annotated

import strawberry

from domain.kit.errors import NotFound
from domain.playlists.model import SeenPlaylist
from domain.playlists.services.manage import PlaylistService
from graphql_api.core.connections import DEFAULT_PAGE, Connection, connection, page_request
from graphql_api.core.context import Info
from graphql_api.core.ids import local_id
from graphql_api.playlists.loaders import PlaylistLoader
from graphql_api.playlists.types import Playlist


@strawberry.type
class PlaylistQuery:
    @strawberry.field(
        description="A playlist of yours, one that you edit with others, or a public one; null when there is none with "
        "this id that you may see."
    )
    async def playlist(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The playlist's id.")]
    ) -> Playlist | None:
        seen = await info.context.loader(PlaylistLoader).load(local_id(id, "Playlist", "id"))
        return None if seen is None else Playlist.of(seen)

    @strawberry.field(description="Your playlists, and those that you edit with others, newest first.")
    async def playlists(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = DEFAULT_PAGE,
        after: Annotated[str | None, strawberry.argument(description="A cursor to go on behind.")] = None,
    ) -> Connection[Playlist]:
        request = page_request(first, after)
        page = await info.context.service(PlaylistService).page(info.context.caller, request)
        return connection(page, request, Playlist.of, _position)

    @strawberry.field(description="The playlist that a link opens; null for one that opens nothing.")
    async def shared_playlist(
        self, info: Info, secret: Annotated[str, strawberry.argument(description="The secret of the link.")]
    ) -> Playlist | None:
        try:
            return Playlist.of(await info.context.service(PlaylistService).by_secret(info.context.caller, secret))
        except NotFound:
            return None


def _position(seen: SeenPlaylist) -> str:
    return seen.playlist.id
