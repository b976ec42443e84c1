"""Making smart playlists, changing their rules, and keeping what they choose."""

from typing import Annotated

import strawberry

from domain.playlists.services.smart import NewSmartPlaylist, SmartPlaylists
from graphql_api.core.context import Info
from graphql_api.core.idempotency import IdempotencyConflict
from graphql_api.core.ids import local_id
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.playlists.problems import PlaylistConflict, PlaylistNotSmart, TooManyPlaylists
from graphql_api.playlists.rule_inputs import definition_of
from graphql_api.playlists.smart_inputs import (
    CopySmartPlaylistInput,
    CreateSmartPlaylistInput,
    EditSmartPlaylistRuleInput,
)
from graphql_api.playlists.types import Playlist


@strawberry.type(description="The smart playlist is there.")
class CreateSmartPlaylistSuccess:
    playlist: Playlist = strawberry.field(description="The playlist, which is private and stays so.")


@strawberry.type(description="The smart playlist follows the new rule.")
class EditSmartPlaylistRuleSuccess:
    playlist: Playlist = strawberry.field(description="The playlist as it is now.")


@strawberry.type(description="What the smart playlist chose is a playlist of its own.")
class CopySmartPlaylistSuccess:
    playlist: Playlist = strawberry.field(description="The new playlist, which is an ordinary one, and private.")


CreateSmartPlaylistResult = Annotated[
    CreateSmartPlaylistSuccess
    | ValidationFailed
    | TooManyPlaylists
    | IdempotencyConflict
    | NotFound
    | Forbidden
    | Unauthenticated,
    strawberry.union("CreateSmartPlaylistResult", description="How making a smart playlist ended."),
]
EditSmartPlaylistRuleResult = Annotated[
    EditSmartPlaylistRuleSuccess
    | ValidationFailed
    | PlaylistConflict
    | PlaylistNotSmart
    | NotFound
    | Forbidden
    | Unauthenticated,
    strawberry.union("EditSmartPlaylistRuleResult", description="How changing a rule ended."),
]
CopySmartPlaylistResult = Annotated[
    CopySmartPlaylistSuccess
    | ValidationFailed
    | PlaylistNotSmart
    | TooManyPlaylists
    | IdempotencyConflict
    | NotFound
    | Forbidden
    | Unauthenticated,
    strawberry.union("CopySmartPlaylistResult", description="How copying a smart playlist ended."),
]


@strawberry.type
class SmartPlaylistMutation:
    @strawberry.mutation(
        description="Makes a playlist that shows which of your tracks a rule chooses, at each look anew. It is "
        "private, because it tells of your library, your likes and what you have listened to."
    )
    async def create_smart_playlist(
        self,
        info: Info,
        input: Annotated[CreateSmartPlaylistInput, strawberry.argument(description="What it is to be.")],
    ) -> CreateSmartPlaylistResult:
        new = NewSmartPlaylist(input.title, input.description, definition_of(input.rule, input.sort, input.limit))
        made = await info.context.service(SmartPlaylists).create(info.context.caller, new, input.idempotency_key)
        return CreateSmartPlaylistSuccess(playlist=Playlist.of(made))

    @strawberry.mutation(description="Gives a smart playlist another rule, order and limit.")
    async def edit_smart_playlist_rule(
        self,
        info: Info,
        input: Annotated[EditSmartPlaylistRuleInput, strawberry.argument(description="Which, and what it is to show.")],
    ) -> EditSmartPlaylistRuleResult:
        changed = await info.context.service(SmartPlaylists).edit(
            info.context.caller,
            local_id(input.playlist_id, "Playlist", "playlistId"),
            input.expected_revision,
            definition_of(input.rule, input.sort, input.limit),
        )
        return EditSmartPlaylistRuleSuccess(playlist=Playlist.of(changed))

    @strawberry.mutation(description="Makes an ordinary playlist of what a smart one shows now.")
    async def copy_smart_playlist(
        self, info: Info, input: Annotated[CopySmartPlaylistInput, strawberry.argument(description="Which.")]
    ) -> CopySmartPlaylistResult:
        made = await info.context.service(SmartPlaylists).copy(
            info.context.caller,
            local_id(input.playlist_id, "Playlist", "playlistId"),
            input.title,
            input.idempotency_key,
        )
        return CopySmartPlaylistSuccess(playlist=Playlist.of(made))
