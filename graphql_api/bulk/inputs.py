"""What a bulk edit takes."""

import strawberry

from domain.bulk.model import BulkAction, BulkChange, NewBulkEdit
from domain.library.model import Visibility as VisibilityModel
from graphql_api.bulk.types import BulkEditAction
from graphql_api.core.idempotency import KEY_DESCRIPTION
from graphql_api.core.ids import local_id
from graphql_api.library.listing import TrackFilterInput
from graphql_api.library.types import Visibility


@strawberry.input(description="Which tracks to change, and how. Say which either by `trackIds` or by `filter`.")
class StartBulkEditInput:
    action: BulkEditAction = strawberry.field(description="What to do to each of them.")
    track_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="The ids of 1 to 5,000 tracks; one that is named twice counts once."
    )
    filter: TrackFilterInput | None = strawberry.field(
        default=None,
        description="Your tracks that fit now, at most 10,000; an empty one fits all. For `RESTORE` and "
        "`DELETE_FOREVER` those in the trash.",
    )
    tags: list[str] | None = strawberry.field(
        default=None, description="For `ADD_TAGS` and `REMOVE_TAGS`: at most 20 of 1 to 40 characters."
    )
    genre: str | None = strawberry.field(
        default=None, description="For `SET_GENRE`: up to 60 characters; empty for none."
    )
    artist: str | None = strawberry.field(default=None, description="For `SET_ARTIST`: 1 to 120 characters.")
    visibility: Visibility | None = strawberry.field(
        default=None, description="For `SET_VISIBILITY`: who besides you may listen."
    )
    allows_downloads: bool | None = strawberry.field(
        default=None, description="For `SET_VISIBILITY`: whether they may also download; as it is when left out."
    )
    playlist_id: strawberry.ID | None = strawberry.field(
        default=None, description="For `ADD_TO_PLAYLIST`: a playlist that you may edit."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_DESCRIPTION)

    def to_new(self) -> NewBulkEdit:
        """Raises `ValidationFailed` for what is not the id of a track, or of a playlist."""
        ids = None if self.track_ids is None else tuple(local_id(each, "Track", "trackIds") for each in self.track_ids)
        change = BulkChange(
            action=BulkAction[self.action.name],
            tags=None if self.tags is None else tuple(self.tags),
            genre=self.genre,
            artist=self.artist,
            visibility=None if self.visibility is None else VisibilityModel[self.visibility.name],
            allows_downloads=self.allows_downloads,
            playlist_id=None if self.playlist_id is None else local_id(self.playlist_id, "Playlist", "playlistId"),
        )
        wanted = None if self.filter is None else self.filter.to_filter()
        return NewBulkEdit(change, ids, wanted, self.idempotency_key)
