"""Partner keys as the schema shows them."""

from collections.abc import Iterable
from typing import Any

import strawberry

from graphql_api.accounts.api_key_types import Key
from graphql_api.core.context import Info
from graphql_api.partners.loaders import PartnerKeyLoader


@strawberry.type(description="A key for the organisation's servers. It calls as the organisation.")
class PartnerKey(Key):
    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(PartnerKeyLoader).load_many(list(node_ids))
        return [None if key is None else cls.of(key) for key in found]
