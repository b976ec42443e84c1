"""What the edge allows: plain numbers and switches, filled from the settings by the composition root."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network

from domain.kit.rate_limit import Bucket

Network = IPv4Network | IPv6Network

ACCOUNT_BUCKET = Bucket(capacity=20_000, restore_per_second=400.0)
PARTNER_BUCKET = Bucket(capacity=100_000, restore_per_second=2000.0)
ADDRESS_BUCKET = Bucket(capacity=10_000, restore_per_second=200.0)

# Longer texts are read again each time: their comments would fill the memory.
LONGEST_KEPT = 16 * 1024


@dataclass(frozen=True)
class DocumentLimits:
    """The greatest numbers that a document may have. Fragments count as often as they are spread.

    `tokens` and `nesting` (of brackets) are counted before parsing, `fragments` are definitions, `repeats` are pairs of
    selections with the same response name in the same place, which validation has to compare.
    """

    tokens: int = 2000
    nesting: int = 64
    fragments: int = 100
    depth: int = 20
    nodes: int = 1000
    aliases: int = 50
    directives: int = 50
    repeats: int = 2000
    cost: int = 5000


@dataclass(frozen=True)
class SocketLimits:
    """Seconds and numbers of WebSockets and event streams."""

    init_seconds: float = 10.0
    revalidate_seconds: float = 15.0
    keep_alive_seconds: float = 12.0
    per_caller: int = 50
    per_address: int = 200
    operations: int = 100


@dataclass(frozen=True)
class EdgePolicy:
    """`origins` are those a browser may call from; `proxies` are believed about the client's address.

    Clients of an `over_https` edge reach it no other way. An `open_to_the_curious` edge
    shows strangers the schema, suggestions and, with `ide`, GraphiQL. What the organisation `public_safelist` has
    registered may be run by anybody, by id. `partner_bucket` is for organisations without a budget of their own.
    """

    ide: bool = False
    over_https: bool = False
    open_to_the_curious: bool = False
    origins: Sequence[str] = ()
    proxies: Sequence[Network] = ()
    documents: DocumentLimits = field(default_factory=DocumentLimits)
    sockets: SocketLimits = field(default_factory=SocketLimits)
    cached_documents: int = 1000
    longest_cached: int = LONGEST_KEPT
    cached_operations: int = 5000
    remembered_bytes: int = 64 * 1024 * 1024
    public_safelist: str | None = None
    execution_seconds: float = 30.0
    account_bucket: Bucket = ACCOUNT_BUCKET
    address_bucket: Bucket = ADDRESS_BUCKET
    partner_bucket: Bucket = PARTNER_BUCKET
    refused_cost: int = 20
    refusal_pause_seconds: float = 0.05
    waiting_documents: int = 20
