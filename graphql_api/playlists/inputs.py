"""What the mutations of playlists take."""

import strawberry

from graphql_api.core.idempotency import KEY_DESCRIPTION
from graphql_api.library.types import Visibility

PLAYLIST_ID = "The playlist's id."
EXPECTED_REVISION = "The `revision` that you have read; if the playlist is at another one, nothing is written."
AFTER_ENTRY = "Behind which entry; "


@strawberry.input(description="What a new playlist is to be.")
class CreatePlaylistInput:
    title: str = strawberry.field(description="The title, 1 to 120 characters.")
    description: str = strawberry.field(default="", description="Your own words about it, up to 2,000 characters.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_DESCRIPTION)


@strawberry.input(description="What to change of a playlist. What is left out, or null, stays as it is.")
class UpdatePlaylistInput:
    playlist_id: strawberry.ID = strawberry.field(description=PLAYLIST_ID)
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)
    title: str | None = strawberry.field(default=None, description="The title, 1 to 120 characters.")
    description: str | None = strawberry.field(
        default=None, description="Your own words about it, up to 2,000 characters; empty for none."
    )
    visibility: Visibility | None = strawberry.field(
        default=None, description="Who may read it besides those who edit it."
    )


@strawberry.input(description="Which playlist gets another link.")
class RenewPlaylistLinkInput:
    playlist_id: strawberry.ID = strawberry.field(description=PLAYLIST_ID)
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)


@strawberry.input(description="Which playlist to delete.")
class DeletePlaylistInput:
    playlist_id: strawberry.ID = strawberry.field(description=PLAYLIST_ID)


@strawberry.input(description="What to add to a playlist, and where.")
class AddToPlaylistInput:
    playlist_id: strawberry.ID = strawberry.field(description=PLAYLIST_ID)
    track_ids: list[strawberry.ID] = strawberry.field(
        description="The ids of 1 to 100 tracks that are yours or public, in the order that they are to have."
    )
    after_entry_id: strawberry.ID | None = strawberry.field(
        default=None, description=f"{AFTER_ENTRY}at the end if left out."
    )
    at_start: bool = strawberry.field(
        default=False, description="At the start instead of the end, when `afterEntryId` is left out."
    )
    skips_present: bool = strawberry.field(
        default=False, description="Leaves out tracks that stand there already, so that each stands there once."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_DESCRIPTION)


@strawberry.input(description="Where an entry is to stand.")
class MovePlaylistEntryInput:
    playlist_id: strawberry.ID = strawberry.field(description=PLAYLIST_ID)
    entry_id: strawberry.ID = strawberry.field(description="The entry to move.")
    after_entry_id: strawberry.ID | None = strawberry.field(
        default=None, description=f"{AFTER_ENTRY}at the start if left out."
    )


@strawberry.input(description="What to take out of a playlist.")
class RemoveFromPlaylistInput:
    playlist_id: strawberry.ID = strawberry.field(description=PLAYLIST_ID)
    entry_ids: list[strawberry.ID] = strawberry.field(description="The ids of 1 to 100 entries.")


@strawberry.input(description="Whether there is to be a link by which people may join in editing a playlist.")
class SetPlaylistInvitationInput:
    playlist_id: strawberry.ID = strawberry.field(description=PLAYLIST_ID)
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)
    is_open: bool = strawberry.field(
        description="True makes a new link, false removes it; the one before is good for nothing any more."
    )


@strawberry.input(description="The invitation to take up.")
class JoinPlaylistInput:
    secret: str = strawberry.field(description="The secret of the invitation.")


@strawberry.input(description="Which playlist not to edit any more.")
class LeavePlaylistInput:
    playlist_id: strawberry.ID = strawberry.field(description=PLAYLIST_ID)


@strawberry.input(description="Who is not to edit a playlist any more.")
class RemovePlaylistCollaboratorInput:
    playlist_id: strawberry.ID = strawberry.field(description=PLAYLIST_ID)
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)
    account_id: strawberry.ID = strawberry.field(description="The person's account; see `Playlist.collaborators`.")
