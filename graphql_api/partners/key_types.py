"""Partner keys as the schema shows them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

import strawberry
from strawberry import relay

from domain.kit.caller import Scope
from domain.partners.keys import PartnerKey as PartnerKeyModel
from graphql_api.accounts.api_key_types import ApiKeyScope
from graphql_api.core.context import Info
from graphql_api.partners.loaders import PartnerKeyLoader


@strawberry.type(description="A key for the organisation's servers. Send it as `Authorization: Bearer …`.")
class PartnerKey(relay.Node):
    id: relay.NodeID[str]
    name: str = strawberry.field(description="What you call it.")
    prefix: str = strawberry.field(description="The part of the key by which it is told apart from others.")
    scopes: list[ApiKeyScope] = strawberry.field(description="What it may do with the organisation's own things.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(description="When it stops working; null for never.")
    last_used_at: datetime | None = strawberry.field(
        description="When it was last used, to within five minutes; null for not yet."
    )

    @classmethod
    def of(cls, key: PartnerKeyModel) -> Self:
        return cls(
            id=key.id,
            name=key.name,
            prefix=key.prefix,
            scopes=[ApiKeyScope[scope.name] for scope in Scope if scope in key.scopes],
            created_at=key.created_at,
            expires_at=key.expires_at,
            last_used_at=key.last_used_at,
        )

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(PartnerKeyLoader).load_many(list(node_ids))
        return [None if key is None else cls.of(key) for key in found]
