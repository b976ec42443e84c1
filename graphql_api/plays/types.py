"""A play as its listener sees it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

import strawberry
from strawberry import relay

from domain.plays.model import HeardTrack
from graphql_api.core.context import Info
from graphql_api.library.loaders import TrackLoader
from graphql_api.library.types import Track
from graphql_api.plays.loaders import PlayLoader


@strawberry.type(description="Something that you have listened to for long enough to count.")
class Play(relay.Node):
    id: relay.NodeID[str]
    began_at: datetime = strawberry.field(description="When it began.")
    heard_seconds: float = strawberry.field(description="How much was heard; while it goes on, it is told in steps.")
    record: strawberry.Private[HeardTrack]

    @classmethod
    def of(cls, heard: HeardTrack) -> Self:
        return cls(id=heard.id, began_at=heard.began_at, heard_seconds=heard.heard_seconds, record=heard)

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(PlayLoader).load_many(list(node_ids))
        return [None if heard is None else cls.of(heard) for heard in found]

    @strawberry.field(description="What was played; null when it is not there any more, or not yours to see.")
    async def track(self, info: Info) -> Track | None:
        found = await info.context.loader(TrackLoader).load(self.record.track_id)
        return None if found is None else Track.seen(found)
