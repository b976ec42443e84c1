"""Editing playlists together."""

from typing import Annotated

import strawberry

from domain.playlists.services.collaborate import PlaylistCollaboration
from graphql_api.core.context import Info
from graphql_api.core.ids import local_id
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.playlists.inputs import (
    JoinPlaylistInput,
    LeavePlaylistInput,
    RemovePlaylistCollaboratorInput,
    SetPlaylistInvitationInput,
)
from graphql_api.playlists.problems import PlaylistConflict, PlaylistFull, PlaylistIsSmart
from graphql_api.playlists.types import Playlist


@strawberry.type(description="People may join by the new link, or by none.")
class SetPlaylistInvitationSuccess:
    playlist: Playlist = strawberry.field(description="The playlist, with the secret of its invitation.")


@strawberry.type(description="You may edit the playlist.")
class JoinPlaylistSuccess:
    playlist: Playlist = strawberry.field(description="The playlist.")


@strawberry.type(description="You do not edit the playlist any more.")
class LeavePlaylistSuccess:
    left_id: strawberry.ID = strawberry.field(description="The playlist's id.")


@strawberry.type(description="The person does not edit the playlist any more; what they have added stays.")
class RemovePlaylistCollaboratorSuccess:
    playlist: Playlist = strawberry.field(description="The playlist as it is now.")


SetPlaylistInvitationResult = Annotated[
    SetPlaylistInvitationSuccess
    | ValidationFailed
    | PlaylistConflict
    | PlaylistIsSmart
    | NotFound
    | Forbidden
    | Unauthenticated,
    strawberry.union("SetPlaylistInvitationResult", description="How opening or closing the invitation ended."),
]
JoinPlaylistResult = Annotated[
    JoinPlaylistSuccess | PlaylistFull | NotFound | Forbidden | Unauthenticated,
    strawberry.union("JoinPlaylistResult", description="How joining ended."),
]
LeavePlaylistResult = Annotated[
    LeavePlaylistSuccess | ValidationFailed | NotFound | Forbidden | Unauthenticated,
    strawberry.union("LeavePlaylistResult", description="How leaving ended."),
]
RemovePlaylistCollaboratorResult = Annotated[
    RemovePlaylistCollaboratorSuccess | ValidationFailed | PlaylistConflict | NotFound | Forbidden | Unauthenticated,
    strawberry.union("RemovePlaylistCollaboratorResult", description="How removing somebody ended."),
]


@strawberry.type
class CollaborationMutation:
    @strawberry.mutation(description="Makes or removes the link by which people may join in editing your playlist.")
    async def set_playlist_invitation(
        self, info: Info, input: Annotated[SetPlaylistInvitationInput, strawberry.argument(description="Which.")]
    ) -> SetPlaylistInvitationResult:
        changed = await info.context.service(PlaylistCollaboration).set_invitation(
            info.context.caller, _playlist_id(input.playlist_id), input.expected_revision, input.is_open
        )
        return SetPlaylistInvitationSuccess(playlist=Playlist.of(changed))

    @strawberry.mutation(description="Joins in editing a playlist. Again is no failure.")
    async def join_playlist(
        self, info: Info, input: Annotated[JoinPlaylistInput, strawberry.argument(description="The invitation.")]
    ) -> JoinPlaylistResult:
        joined = await info.context.service(PlaylistCollaboration).join(info.context.caller, input.secret)
        return JoinPlaylistSuccess(playlist=Playlist.of(joined))

    @strawberry.mutation(description="Ends your part in a playlist that is another's; what you have added stays.")
    async def leave_playlist(
        self, info: Info, input: Annotated[LeavePlaylistInput, strawberry.argument(description="Which playlist.")]
    ) -> LeavePlaylistResult:
        await info.context.service(PlaylistCollaboration).leave(info.context.caller, _playlist_id(input.playlist_id))
        return LeavePlaylistSuccess(left_id=input.playlist_id)

    @strawberry.mutation(description="Ends another's part in your playlist; what they have added stays.")
    async def remove_playlist_collaborator(
        self, info: Info, input: Annotated[RemovePlaylistCollaboratorInput, strawberry.argument(description="Whose.")]
    ) -> RemovePlaylistCollaboratorResult:
        changed = await info.context.service(PlaylistCollaboration).remove(
            info.context.caller,
            _playlist_id(input.playlist_id),
            input.expected_revision,
            local_id(input.account_id, "Account", "accountId"),
        )
        return RemovePlaylistCollaboratorSuccess(playlist=Playlist.of(changed))


def _playlist_id(given: strawberry.ID) -> str:
    """Raises `ValidationFailed` for what is not the id of a playlist."""
    return local_id(given, "Playlist", "playlistId")
