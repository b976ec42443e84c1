"""What lies in the trash, as the schema shows it."""

from datetime import datetime
from typing import Self

import strawberry

from domain.library.trash import TrashedTrack as TrashedTrackModel
from graphql_api.library.types import Track


@strawberry.type(description="A track in the trash. It is found nowhere else, and does not play.")
class TrashedTrack:
    track: Track = strawberry.field(description="The track as it was.")
    trashed_at: datetime = strawberry.field(description="When it was put there.")
    deleted_at: datetime = strawberry.field(description="When it will be deleted for good, unless it is restored.")

    @classmethod
    def of(cls, trashed: TrashedTrackModel) -> Self:
        return cls(track=Track.of(trashed.track), trashed_at=trashed.trashed_at, deleted_at=trashed.deleted_at)
