"""What the mutations of smart playlists take."""

import strawberry

from graphql_api.core.idempotency import KEY_DESCRIPTION
from graphql_api.library.listing import TrackSort
from graphql_api.playlists.inputs import EXPECTED_REVISION, PLAYLIST_ID
from graphql_api.playlists.rule_inputs import SmartRuleInput

RULE = "Which of your tracks."
SORT = "In which order; CREATED_AT_DESC if left out."
LIMIT = "How many at most, 1 to 10,000; if left out as many as fit, which is 10,000."


@strawberry.input(description="What a new smart playlist is to be.")
class CreateSmartPlaylistInput:
    title: str = strawberry.field(description="The title, 1 to 120 characters.")
    description: str = strawberry.field(default="", description="Your own words about it, up to 2,000 characters.")
    rule: SmartRuleInput = strawberry.field(description=RULE)
    sort: TrackSort | None = strawberry.field(default=None, description=SORT)
    limit: int | None = strawberry.field(default=None, description=LIMIT)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_DESCRIPTION)


@strawberry.input(description="What stands in a smart playlist from now on, in place of what its rule said before.")
class EditSmartPlaylistRuleInput:
    playlist_id: strawberry.ID = strawberry.field(description=PLAYLIST_ID)
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)
    rule: SmartRuleInput = strawberry.field(description=RULE)
    sort: TrackSort | None = strawberry.field(default=None, description=SORT)
    limit: int | None = strawberry.field(default=None, description=LIMIT)


@strawberry.input(description="Which smart playlist to keep as it is now.")
class CopySmartPlaylistInput:
    playlist_id: strawberry.ID = strawberry.field(description=PLAYLIST_ID)
    title: str | None = strawberry.field(
        default=None, description="The title of the copy, 1 to 120 characters; that of the playlist if left out."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_DESCRIPTION)
