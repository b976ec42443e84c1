"""Which addresses of the internet anybody may be made to send to. Pure.

Python's own `is_global` changes between releases and knows nothing of embedded addresses, so the tables are here.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# IANA's registries of special-purpose addresses for IPv4 (RFC 6890 and its updates), what was never given out,
# multicast, and one public address that is a server of metadata on one cloud.
_CLOSED_4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)

# Only this block is given out to hosts. Whatever carries an IPv4 address in it lies outside, or in the list below:
# mapped and compatible (::/8), NAT64 (64:ff9b::/96, 64:ff9b:1::/48), Teredo (2001::/32), 6to4 (2002::/16).
_OPEN_6 = IPv6Network("2000::/3")
_CLOSED_6 = tuple(
    IPv6Network(block)
    for block in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3ffe::/16", "3fff::/20")
)

# The low half of an address made by ISATAP (RFC 5214) holds an IPv4 address behind one of these.
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})

Address = IPv4Address | IPv6Address


def parsed(text: str) -> Address | None:
    """The address that a text is; None for anything else, and for one that is bound to an interface."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return None if isinstance(address, IPv6Address) and address.scope_id else address


def is_public(address: Address) -> bool:
    """Whether the address belongs to a host of the public internet, and to nothing nearer."""
    if isinstance(address, IPv4Address):
        return not any(address in block for block in _CLOSED_4)
    if address not in _OPEN_6 or any(address in block for block in _CLOSED_6):
        return False
    return (int(address) >> 32) & 0xFFFFFFFF not in _ISATAP


def is_loopback(address: Address) -> bool:
    return address.is_loopback
