"""What the mutations of likes take."""

import strawberry


@strawberry.input(description="What you like.")
class LikeTrackInput:
    track_id: strawberry.ID = strawberry.field(description="The id of a track of yours, or of a public one.")


@strawberry.input(description="What you do not like any more.")
class UnlikeTrackInput:
    track_id: strawberry.ID = strawberry.field(description="The track's id.")
