"""API keys as the schema shows them, and what all keys have in common."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Any, Protocol, Self

import strawberry
from strawberry import relay

from domain.kit.caller import Scope
from graphql_api.accounts.loaders import ApiKeyLoader
from graphql_api.core.context import Info


@strawberry.enum(description="What an API key may do. Keys, sessions, passwords and payments need a person.")
class ApiKeyScope(Enum):
    GENERATE = strawberry.enum_value("GENERATE", description="Ask for songs and for what they would cost.")
    JOBS = strawberry.enum_value("JOBS", description="Read, watch, cancel and retry jobs.")
    UPLOAD = strawberry.enum_value("UPLOAD", description="Bring audio files, and read uploads.")
    LIBRARY = strawberry.enum_value("LIBRARY", description="Read tracks and versions, play and download them.")
    CREDITS = strawberry.enum_value("CREDITS", description="Read credits and orders.")
    ACCOUNT_READ = strawberry.enum_value("ACCOUNT_READ", description="Read the account, its sessions and events.")
    WEBHOOKS = strawberry.enum_value("WEBHOOKS", description="Manage webhook endpoints and their deliveries.")


class KeyModel(Protocol):
    """What keys of people and of organisations have in common."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def prefix(self) -> str: ...
    @property
    def scopes(self) -> frozenset[Scope]: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def last_used_at(self) -> datetime | None: ...


@strawberry.interface(description="What a program calls with. Send it as `Authorization: Bearer …`.")
class Key(relay.Node):
    id: relay.NodeID[str]
    name: str = strawberry.field(description="What you call it.")
    prefix: str = strawberry.field(description="The part of the key by which it is told apart from others.")
    scopes: list[ApiKeyScope] = strawberry.field(description="What it may do.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(description="When it stops working; null for never.")
    last_used_at: datetime | None = strawberry.field(
        description="When it was last used, to within five minutes; null for not yet."
    )

    @classmethod
    def of(cls, key: KeyModel) -> Self:
        return cls(
            id=key.id,
            name=key.name,
            prefix=key.prefix,
            scopes=[ApiKeyScope[scope.name] for scope in Scope if scope in key.scopes],
            created_at=key.created_at,
            expires_at=key.expires_at,
            last_used_at=key.last_used_at,
        )


@strawberry.type(description="A key of yours. It calls as you.")
class ApiKey(Key):
    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(ApiKeyLoader).load_many(node_ids)
        return [None if key is None else cls.of(key) for key in found]
