"""Liking a track, and not liking it any more."""

from typing import Annotated

import strawberry

from domain.likes.service import LikeService
from graphql_api.core.context import Info
from graphql_api.core.ids import local_id
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.library.types import Track
from graphql_api.likes.inputs import LikeTrackInput, UnlikeTrackInput


@strawberry.type(description="You like it.")
class LikeTrackSuccess:
    track: Track = strawberry.field(description="The track, with your like in its count.")


@strawberry.type(description="You do not like it any more, or never did.")
class UnlikeTrackSuccess:
    track: Track | None = strawberry.field(description="The track; null when you may not see it.")


LikeTrackResult = Annotated[
    LikeTrackSuccess | ValidationFailed | NotFound | Forbidden | Unauthenticated,
    strawberry.union("LikeTrackResult", description="How liking a track ended."),
]
UnlikeTrackResult = Annotated[
    UnlikeTrackSuccess | ValidationFailed | Forbidden | Unauthenticated,
    strawberry.union("UnlikeTrackResult", description="How taking a like back ended."),
]


@strawberry.type
class LikeMutation:
    @strawberry.mutation(description="Likes a track of yours or a public one. Again changes nothing.")
    async def like_track(
        self, info: Info, input: Annotated[LikeTrackInput, strawberry.argument(description="Which track.")]
    ) -> LikeTrackResult:
        seen = await info.context.service(LikeService).like(info.context.caller, _track_id(input.track_id))
        return LikeTrackSuccess(track=Track.seen(seen))

    @strawberry.mutation(description="Takes a like back. Again changes nothing.")
    async def unlike_track(
        self, info: Info, input: Annotated[UnlikeTrackInput, strawberry.argument(description="Which track.")]
    ) -> UnlikeTrackResult:
        seen = await info.context.service(LikeService).unlike(info.context.caller, _track_id(input.track_id))
        return UnlikeTrackSuccess(track=None if seen is None else Track.seen(seen))


def _track_id(given: strawberry.ID) -> str:
    """Raises `ValidationFailed` for what is not the id of a track."""
    return local_id(given, "Track", "trackId")
