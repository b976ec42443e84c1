"""Filling playlists."""

from typing import Annotated

import strawberry

from domain.playlists.services.entries import Additions, PlaylistEntries
from graphql_api.core.context import Info
from graphql_api.core.idempotency import IdempotencyConflict
from graphql_api.core.ids import local_id
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.playlists.inputs import AddToPlaylistInput, MovePlaylistEntryInput, RemoveFromPlaylistInput
from graphql_api.playlists.problems import PlaylistFull, PlaylistIsSmart
from graphql_api.playlists.types import PlaylistEntry


@strawberry.type(description="They stand in the playlist.")
class AddToPlaylistSuccess:
    entries: list[PlaylistEntry] = strawberry.field(description="The new entries, in order; none for what was skipped.")


@strawberry.type(description="The entry stands there.")
class MovePlaylistEntrySuccess:
    entry: PlaylistEntry = strawberry.field(description="The entry.")


@strawberry.type(description="They stand in the playlist no more.")
class RemoveFromPlaylistSuccess:
    removed_count: int = strawberry.field(description="How many stood there.")


AddToPlaylistResult = Annotated[
    AddToPlaylistSuccess
    | ValidationFailed
    | PlaylistFull
    | PlaylistIsSmart
    | IdempotencyConflict
    | NotFound
    | Forbidden
    | Unauthenticated,
    strawberry.union("AddToPlaylistResult", description="How adding ended."),
]
MovePlaylistEntryResult = Annotated[
    MovePlaylistEntrySuccess | ValidationFailed | PlaylistIsSmart | NotFound | Forbidden | Unauthenticated,
    strawberry.union("MovePlaylistEntryResult", description="How moving an entry ended."),
]
RemoveFromPlaylistResult = Annotated[
    RemoveFromPlaylistSuccess | ValidationFailed | PlaylistIsSmart | NotFound | Forbidden | Unauthenticated,
    strawberry.union("RemoveFromPlaylistResult", description="How removing ended."),
]


@strawberry.type
class EntryMutation:
    @strawberry.mutation(description="Adds tracks to a playlist that you may edit; one may stand there more than once.")
    async def add_to_playlist(
        self, info: Info, input: Annotated[AddToPlaylistInput, strawberry.argument(description="What, and where.")]
    ) -> AddToPlaylistResult:
        additions = Additions(
            tuple(local_id(each, "Track", "trackIds") for each in input.track_ids),
            _entry_id(input.after_entry_id),
            input.at_start,
            input.skips_present,
        )
        added = await info.context.service(PlaylistEntries).add(
            info.context.caller, local_id(input.playlist_id, "Playlist", "playlistId"), additions, input.idempotency_key
        )
        return AddToPlaylistSuccess(entries=[PlaylistEntry.of(each) for each in added])

    @strawberry.mutation(description="Moves an entry of a playlist that you may edit.")
    async def move_playlist_entry(
        self, info: Info, input: Annotated[MovePlaylistEntryInput, strawberry.argument(description="Which, and where.")]
    ) -> MovePlaylistEntryResult:
        moved = await info.context.service(PlaylistEntries).move(
            info.context.caller,
            local_id(input.playlist_id, "Playlist", "playlistId"),
            local_id(input.entry_id, "PlaylistEntry", "entryId"),
            _entry_id(input.after_entry_id),
        )
        return MovePlaylistEntrySuccess(entry=PlaylistEntry.of(moved))

    @strawberry.mutation(description="Takes entries out of a playlist that you may edit. Again is no failure.")
    async def remove_from_playlist(
        self, info: Info, input: Annotated[RemoveFromPlaylistInput, strawberry.argument(description="Which.")]
    ) -> RemoveFromPlaylistResult:
        removed = await info.context.service(PlaylistEntries).remove(
            info.context.caller,
            local_id(input.playlist_id, "Playlist", "playlistId"),
            [local_id(each, "PlaylistEntry", "entryIds") for each in input.entry_ids],
        )
        return RemoveFromPlaylistSuccess(removed_count=removed)


def _entry_id(given: strawberry.ID | None) -> str | None:
    return None if given is None else local_id(given, "PlaylistEntry", "afterEntryId")
