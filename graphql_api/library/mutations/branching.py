"""A new track out of one version of another."""

from typing import Annotated

import strawberry

from domain.library.services.branch import TrackBranching
from graphql_api.core.context import Info
from graphql_api.core.idempotency import IdempotencyConflict
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.library.inputs import BranchTrackInput
from graphql_api.library.types import Track


@strawberry.type(description="The branch is a track of its own.")
class BranchTrackSuccess:
    track: Track = strawberry.field(description="The new track.")


BranchTrackResult = Annotated[
    BranchTrackSuccess | ValidationFailed | IdempotencyConflict | NotFound | Forbidden | Unauthenticated,
    strawberry.union("BranchTrackResult", description="How branching a track ended."),
]


@strawberry.type
class TrackBranchingMutation:
    @strawberry.mutation(description="Makes a new track that begins with a version of another; both go their own way.")
    async def branch_track(
        self, info: Info, input: Annotated[BranchTrackInput, strawberry.argument(description="Which version.")]
    ) -> BranchTrackResult:
        track = await info.context.service(TrackBranching).branch(info.context.caller, input.to_new())
        return BranchTrackSuccess(track=Track.of(track))
