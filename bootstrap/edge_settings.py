"""The settings of the GraphQL edge, and the policy that they make."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from domain.kit.rate_limit import Bucket
from graphql_api.core.policy import DocumentLimits, EdgePolicy, SocketLimits

Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]


class EdgeSettings(BaseSettings):
    """Limits of documents, budgets in points and points per second, limits of long connections, trusted proxies.

    `apq` lets anonymous callers and apps have texts kept for `apq_seconds`; `public_safelist` is the id of an
    organisation whose registered operations anybody may run. `remembered_megabytes` of answers are remembered, or none.
    """

    model_config = SettingsConfigDict(env_prefix="CADENZA_EDGE_")

    max_tokens: Count = 2000
    max_nesting: Annotated[int, Field(ge=1, le=100)] = 64
    max_fragments: Annotated[int, Field(ge=0, le=150)] = 100
    max_depth: Count = 20
    max_nodes: Count = 1000
    max_aliases: Annotated[int, Field(ge=0)] = 50
    max_directives: Annotated[int, Field(ge=0)] = 50
    max_repeats: Annotated[int, Field(ge=0)] = 2000
    max_cost: Count = 5000
    account_points: Count = 20_000
    account_restore: Annotated[float, Field(gt=0)] = 400.0
    address_points: Count = 10_000
    address_restore: Annotated[float, Field(gt=0)] = 200.0
    partner_points: Count = 100_000
    partner_restore: Annotated[float, Field(gt=0)] = 2000.0
    execution_seconds: Seconds = 30.0
    receive_seconds: Seconds = 10.0
    init_seconds: Seconds = 10.0
    revalidate_seconds: Seconds = 15.0
    sockets_per_caller: Count = 50
    sockets_per_address: Count = 200
    operations_per_socket: Count = 100
    cached_documents: Count = 1000
    cached_operations: Count = 5000
    remembered_megabytes: Annotated[int, Field(ge=0)] = 64
    apq: bool = False
    apq_seconds: Count = 86_400
    public_safelist: str | None = None
    proxies: Annotated[list[IPv4Network | IPv6Network], NoDecode] = Field(default_factory=list)

    @field_validator("proxies", mode="before")
    @classmethod
    def split(cls, value: object) -> object:
        """Accepts addresses and networks separated by commas."""
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    def documents(self) -> DocumentLimits:
        return DocumentLimits(
            tokens=self.max_tokens,
            nesting=self.max_nesting,
            fragments=self.max_fragments,
            depth=self.max_depth,
            nodes=self.max_nodes,
            aliases=self.max_aliases,
            directives=self.max_directives,
            repeats=self.max_repeats,
            cost=self.max_cost,
        )

    def sockets(self) -> SocketLimits:
        return SocketLimits(
            init_seconds=self.init_seconds,
            revalidate_seconds=self.revalidate_seconds,
            per_caller=self.sockets_per_caller,
            per_address=self.sockets_per_address,
            operations=self.operations_per_socket,
        )

    def policy(self, *, ide: bool, over_https: bool, development: bool, origins: list[str]) -> EdgePolicy:
        return EdgePolicy(
            ide=ide,
            over_https=over_https,
            open_to_the_curious=development,
            origins=origins,
            proxies=self.proxies,
            documents=self.documents(),
            sockets=self.sockets(),
            cached_documents=self.cached_documents,
            cached_operations=self.cached_operations,
            remembered_bytes=self.remembered_megabytes * 1024 * 1024,
            execution_seconds=self.execution_seconds,
            account_bucket=Bucket(self.account_points, self.account_restore),
            address_bucket=Bucket(self.address_points, self.address_restore),
            partner_bucket=Bucket(self.partner_points, self.partner_restore),
            public_safelist=self.public_safelist,
        )
