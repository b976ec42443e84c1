"""Addresses of clients, as limits count them."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

# One IPv6 customer commonly has a whole network of this size.
IPV6_PREFIX = 64


@lru_cache(maxsize=4096)
def parsed(text: str) -> IPv4Address | IPv6Address | None:
    """None for a text that is no address; an IPv4 address in IPv6 clothes is the IPv4 address."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def is_loopback(url: str) -> bool:
    """Whether an address by HTTP leads to this machine, where nobody listens in."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    address = parsed(host)
    return parts.scheme == "http" and (host == "localhost" or (address is not None and address.is_loopback))


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """What one customer's addresses have in common; a text that is no address stands for itself."""
    found = parsed(address)
    if isinstance(found, IPv6Address):
        return str(IPv6Network((found, IPV6_PREFIX), strict=False))
    return address if found is None else str(found)
