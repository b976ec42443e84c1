"""Taking tracks down, and lifting that again."""

from typing import Annotated

import strawberry

from domain.library.services.moderate import TrackModeration
from graphql_api.core.context import Info
from graphql_api.core.ids import local_id
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.library.sharing_inputs import ReinstateTrackInput, TakeDownTrackInput
from graphql_api.library.types import Track


@strawberry.type(description="Nobody but its owner may listen to it any more.")
class TakeDownTrackSuccess:
    track: Track = strawberry.field(description="The track as listeners last saw it.")


@strawberry.type(description="Whoever its owner wants may listen to it again.")
class ReinstateTrackSuccess:
    track: Track = strawberry.field(description="The track as listeners see it, or last saw it.")


TakeDownTrackResult = Annotated[
    TakeDownTrackSuccess | ValidationFailed | NotFound | Forbidden | Unauthenticated,
    strawberry.union("TakeDownTrackResult", description="How taking a track down ended."),
]
ReinstateTrackResult = Annotated[
    ReinstateTrackSuccess | ValidationFailed | NotFound | Forbidden | Unauthenticated,
    strawberry.union("ReinstateTrackResult", description="How reinstating a track ended."),
]


@strawberry.type
class ModerationMutation:
    @strawberry.mutation(
        description="For moderators: takes a track that is or was shared away from all listeners but its owner, at "
        "once, and so every track of its owner with one of its recordings."
    )
    async def take_down_track(
        self, info: Info, input: Annotated[TakeDownTrackInput, strawberry.argument(description="Which, and why.")]
    ) -> TakeDownTrackResult:
        taken_down = await info.context.service(TrackModeration).take_down(
            info.context.caller, info.context.client, local_id(input.track_id, "Track", "trackId"), input.reason
        )
        return TakeDownTrackSuccess(track=Track.seen(taken_down))

    @strawberry.mutation(description="For moderators: lifts what `takeDownTrack` did, with all that it reached.")
    async def reinstate_track(
        self, info: Info, input: Annotated[ReinstateTrackInput, strawberry.argument(description="Which track.")]
    ) -> ReinstateTrackResult:
        reinstated = await info.context.service(TrackModeration).reinstate(
            info.context.caller, info.context.client, local_id(input.track_id, "Track", "trackId")
        )
        return ReinstateTrackSuccess(track=Track.seen(reinstated))
