"""Trying a rule out."""

from typing import Annotated

import strawberry

from graphql_api.core.connections import DEFAULT_PAGE, Connection
from graphql_api.core.context import Info
from graphql_api.library.listing import TrackSort
from graphql_api.library.types import Track
from graphql_api.playlists.chosen import chosen_tracks
from graphql_api.playlists.rule_inputs import SmartRuleInput, definition_of


@strawberry.type
class SmartPlaylistQuery:
    @strawberry.field(description="What a smart playlist of this rule would show now. Nothing is kept.")
    async def smart_playlist_preview(
        self,
        info: Info,
        rule: Annotated[SmartRuleInput, strawberry.argument(description="Which tracks.")],
        sort: Annotated[
            TrackSort | None, strawberry.argument(description="In which order; CREATED_AT_DESC if left out.")
        ] = None,
        limit: Annotated[int | None, strawberry.argument(description="How many at most, 1 to 10,000.")] = None,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = DEFAULT_PAGE,
        after: Annotated[
            str | None, strawberry.argument(description="A cursor of the same order to go on behind.")
        ] = None,
    ) -> Connection[Track]:
        return await chosen_tracks(info, definition_of(rule, sort, limit), first, after)
