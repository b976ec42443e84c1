"""What the mutations around sharing and moderation take."""

import strawberry

from graphql_api.library.inputs import EXPECTED_REVISION, TRACK_ID
from graphql_api.library.types import Visibility


@strawberry.input(description="Who may listen to a track.")
class SetTrackVisibilityInput:
    track_id: strawberry.ID = strawberry.field(description=TRACK_ID)
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)
    visibility: Visibility = strawberry.field(
        description="Who besides you may listen to it and see its title, artist, genre, tags and description."
    )
    allows_downloads: bool | None = strawberry.field(
        default=None, description="Whether they may also download the master and the MP3; as it is when left out."
    )


@strawberry.input(description="Which track gets another link.")
class RenewShareLinkInput:
    track_id: strawberry.ID = strawberry.field(description=TRACK_ID)
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)


@strawberry.input(description="Which track to take down, and why.")
class TakeDownTrackInput:
    track_id: strawberry.ID = strawberry.field(description="The id of a track that is shared.")
    reason: str = strawberry.field(description="Why, 1 to 500 characters; the track's owner reads it.")


@strawberry.input(description="Which track may be listened to again.")
class ReinstateTrackInput:
    track_id: strawberry.ID = strawberry.field(description="The id of a track that was taken down.")
