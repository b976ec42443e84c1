"""Where a request comes from: the peer, or what trusted proxies say of it. Never what a client says of its address."""

from collections.abc import Sequence
from typing import Any

from domain.kit.trust.addresses import network_of, parsed
from graphql_api.core.policy import Network

UNKNOWN = "unknown"
MAX_USER_AGENT = 200


def client_address(scope: Any, proxies: Sequence[Network]) -> str:
    """The first address, from the right of X-Forwarded-For, that is not a trusted proxy's.

    IPv6 addresses are told by their network of 64 bits.
    """
    peer = scope.get("client")
    address = peer[0] if peer else UNKNOWN
    if not proxies or not _is_trusted(address, proxies):
        return network_of(address)
    forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
    for hop in reversed([part.strip() for part in forwarded.decode("latin-1").split(",") if part.strip()]):
        if parsed(hop) is None:
            break
        address = hop
        if not _is_trusted(hop, proxies):
            break
    return network_of(address)


def user_agent(scope: Any) -> str:
    """What the client calls itself, as far as it can be printed."""
    sent = next((value for name, value in scope["headers"] if name == b"user-agent"), b"")
    return "".join(filter(str.isprintable, sent.decode("latin-1")))[:MAX_USER_AGENT]


def _is_trusted(address: str, proxies: Sequence[Network]) -> bool:
    found = parsed(address)
    return found is not None and any(found in network for network in proxies)
