"""Registered operations as the schema shows them."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Any, Self

import strawberry
from strawberry import relay

from domain.partners.operations import MARK
from domain.partners.operations import RegisteredOperation as OperationModel
from graphql_api.core.context import Info
from graphql_api.partners.loaders import OperationLoader


@strawberry.enum(description="What sort of operation a document has.")
class RegisteredOperationType(Enum):
    QUERY = strawberry.enum_value("QUERY", description="It reads.")
    MUTATION = strawberry.enum_value("MUTATION", description="It changes something.")
    SUBSCRIPTION = strawberry.enum_value("SUBSCRIPTION", description="It watches.")


@strawberry.type(description="A document that the organisation's servers may run.")
class RegisteredOperation(relay.Node):
    id: relay.NodeID[str]
    document_id: str = strawberry.field(description="What to send as `documentId`: `sha256:` and the hash of its text.")
    aliases: list[str] = strawberry.field(description="Other ids that it was registered under; they work as well.")
    name: str | None = strawberry.field(description="The operation's own name.")
    type: RegisteredOperationType = strawberry.field(description="What sort of operation it is.")
    text: str = strawberry.field(description="The exact text.")
    cost: int = strawberry.field(description="What a run costs in points, with the default values of its variables.")
    registered_at: datetime = strawberry.field(description="When it was registered first.")

    @classmethod
    def of(cls, operation: OperationModel) -> Self:
        return cls(
            id=operation.id,
            document_id=f"{MARK}{operation.digest}",
            aliases=list(operation.aliases),
            name=operation.name,
            type=RegisteredOperationType[operation.type.name],
            text=operation.text,
            cost=operation.cost,
            registered_at=operation.registered_at,
        )

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(OperationLoader).load_many(list(node_ids))
        return [None if operation is None else cls.of(operation) for operation in found]
