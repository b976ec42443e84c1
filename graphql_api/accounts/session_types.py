"""The sessions of a person as the schema shows them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

import strawberry
from strawberry import relay

from domain.accounts.sessions import SessionRecord
from domain.kit.caller import Caller
from graphql_api.accounts.loaders import SessionLoader
from graphql_api.core.context import Info


@strawberry.type(description="One sign-in of yours on one device, until it is ended.")
class AccountSession(relay.Node):
    id: relay.NodeID[str]
    created_at: datetime = strawberry.field(description="When you signed in.")
    last_used_at: datetime = strawberry.field(description="When the session was last refreshed.")
    expires_at: datetime = strawberry.field(description="When the session ends unless it is refreshed.")
    address: str = strawberry.field(description="The network address that the sign-in came from.")
    user_agent: str = strawberry.field(description="What the program that signed in calls itself.")
    is_current: bool = strawberry.field(description="Whether this call belongs to the session.")

    @classmethod
    def of(cls, record: SessionRecord, caller: Caller) -> Self:
        return cls(
            id=record.id,
            created_at=record.created_at,
            last_used_at=record.used_at,
            expires_at=record.expires_at,
            address=record.address,
            user_agent=record.user_agent,
            is_current=record.id == caller.session_id,
        )

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(SessionLoader).load_many(node_ids)
        return [None if record is None else cls.of(record, info.context.caller) for record in found]
