"""Asking where a track plays."""

from typing import Annotated

import strawberry

from domain.kit.errors import NotFound
from domain.playback.services.playback import PlaybackService
from graphql_api.core.context import Info
from graphql_api.core.ids import local_id
from graphql_api.playback.types import Playback


@strawberry.type
class PlaybackQuery:
    @strawberry.field(
        description="Where one of your tracks plays, or one that you may listen to; null for others, and until the "
        "first seconds of yours are there."
    )
    async def playback(
        self,
        info: Info,
        track_id: Annotated[strawberry.ID, strawberry.argument(description="The track's id.")],
        version_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="Which version, finished or being made; the current one if left out. Others' tracks play "
                "their current one only."
            ),
        ] = None,
        secret: Annotated[
            str | None, strawberry.argument(description="The secret of its link, for a track that is not public.")
        ] = None,
    ) -> Playback | None:
        track = local_id(track_id, "Track", "trackId")
        version = None if version_id is None else local_id(version_id, "Version", "versionId")
        try:
            found = await info.context.service(PlaybackService).playback(info.context.caller, track, version, secret)
            return Playback.of(found)
        except NotFound:
            return None
