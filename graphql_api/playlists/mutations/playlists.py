"""Making, changing and deleting playlists."""

from typing import Annotated

import strawberry

from domain.library.model import Visibility as VisibilityModel
from domain.playlists.services.manage import PlaylistChanges, PlaylistService
from graphql_api.accounts.identity_types import EmailUnverified
from graphql_api.core.context import Info
from graphql_api.core.idempotency import IdempotencyConflict
from graphql_api.core.ids import local_id
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.playlists.inputs import (
    CreatePlaylistInput,
    DeletePlaylistInput,
    RenewPlaylistLinkInput,
    UpdatePlaylistInput,
)
from graphql_api.playlists.problems import PlaylistConflict, PlaylistIsSmart, TooManyPlaylists
from graphql_api.playlists.types import Playlist


@strawberry.type(description="The playlist is there.")
class CreatePlaylistSuccess:
    playlist: Playlist = strawberry.field(description="The playlist, which is private.")


@strawberry.type(description="The playlist is changed.")
class UpdatePlaylistSuccess:
    playlist: Playlist = strawberry.field(description="The playlist as it is now.")


@strawberry.type(description="The link from before opens nothing any more.")
class RenewPlaylistLinkSuccess:
    playlist: Playlist = strawberry.field(description="The playlist, with the secret of its new link.")


@strawberry.type(description="The playlist is gone; its tracks are where they were.")
class DeletePlaylistSuccess:
    deleted_id: strawberry.ID = strawberry.field(description="The id it had.")


CreatePlaylistResult = Annotated[
    CreatePlaylistSuccess
    | ValidationFailed
    | TooManyPlaylists
    | IdempotencyConflict
    | NotFound
    | Forbidden
    | Unauthenticated,
    strawberry.union("CreatePlaylistResult", description="How making a playlist ended."),
]
UpdatePlaylistResult = Annotated[
    UpdatePlaylistSuccess
    | ValidationFailed
    | PlaylistConflict
    | PlaylistIsSmart
    | EmailUnverified
    | NotFound
    | Forbidden
    | Unauthenticated,
    strawberry.union("UpdatePlaylistResult", description="How changing a playlist ended."),
]
RenewPlaylistLinkResult = Annotated[
    RenewPlaylistLinkSuccess | ValidationFailed | PlaylistConflict | NotFound | Forbidden | Unauthenticated,
    strawberry.union("RenewPlaylistLinkResult", description="How renewing a link ended."),
]
DeletePlaylistResult = Annotated[
    DeletePlaylistSuccess | ValidationFailed | NotFound | Forbidden | Unauthenticated,
    strawberry.union("DeletePlaylistResult", description="How deleting a playlist ended."),
]


@strawberry.type
class PlaylistMutation:
    @strawberry.mutation(description="Makes an empty, private playlist.")
    async def create_playlist(
        self, info: Info, input: Annotated[CreatePlaylistInput, strawberry.argument(description="What it is to be.")]
    ) -> CreatePlaylistResult:
        service = info.context.service(PlaylistService)
        made = await service.create(info.context.caller, input.title, input.description, input.idempotency_key)
        return CreatePlaylistSuccess(playlist=Playlist.of(made))

    @strawberry.mutation(
        description="Changes what is said of a playlist, and who may read it. Unlisting makes a link; making it "
        "private revokes that for good. Publishing is for artists whose e-mail address is verified."
    )
    async def update_playlist(
        self, info: Info, input: Annotated[UpdatePlaylistInput, strawberry.argument(description="The changes.")]
    ) -> UpdatePlaylistResult:
        visibility = None if input.visibility is None else VisibilityModel[input.visibility.name]
        changed = await info.context.service(PlaylistService).update(
            info.context.caller,
            local_id(input.playlist_id, "Playlist", "playlistId"),
            input.expected_revision,
            PlaylistChanges(input.title, input.description, visibility),
        )
        return UpdatePlaylistSuccess(playlist=Playlist.of(changed))

    @strawberry.mutation(description="Gives a playlist another link; the one before opens nothing any more.")
    async def renew_playlist_link(
        self, info: Info, input: Annotated[RenewPlaylistLinkInput, strawberry.argument(description="Which playlist.")]
    ) -> RenewPlaylistLinkResult:
        changed = await info.context.service(PlaylistService).renew_link(
            info.context.caller, local_id(input.playlist_id, "Playlist", "playlistId"), input.expected_revision
        )
        return RenewPlaylistLinkSuccess(playlist=Playlist.of(changed))

    @strawberry.mutation(description="Deletes a playlist. Its tracks are not touched.")
    async def delete_playlist(
        self, info: Info, input: Annotated[DeletePlaylistInput, strawberry.argument(description="Which playlist.")]
    ) -> DeletePlaylistResult:
        playlist_id = local_id(input.playlist_id, "Playlist", "playlistId")
        await info.context.service(PlaylistService).delete(info.context.caller, playlist_id)
        return DeletePlaylistSuccess(deleted_id=input.playlist_id)
