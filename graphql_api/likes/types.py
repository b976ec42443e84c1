"""What somebody likes, as the schema shows it."""

from datetime import datetime
from typing import Self

import strawberry

from domain.likes.model import LikedTrack as LikedTrackModel
from graphql_api.library.types import Track


@strawberry.type(description="A track that you like.")
class LikedTrack:
    track: Track = strawberry.field(description="The track.")
    liked_at: datetime = strawberry.field(description="Since when you like it.")

    @classmethod
    def of(cls, liked: LikedTrackModel) -> Self:
        return cls(track=Track.seen(liked.seen), liked_at=liked.like.liked_at)
