"""Where browsers may be sent back to: to addresses of a list, and to any port of the same machine. Pure."""

import re
from collections.abc import Collection

HIGHEST_PORT = 65535
# `localhost` is a name and may lead elsewhere, so it is no such address (RFC 8252, 8.3).
_LOOPBACK = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::([0-9]{1,5}))?((?:/.*)?)")


def is_allowed(address: str, allowed: Collection[str]) -> bool:
    """Compared as texts, less the port of a loopback address.

    A program on somebody's machine listens on whatever port is free just then (RFC 8252, 7.3).
    """
    if address in allowed:
        return True
    portless = _without_port(address)
    return portless is not None and any(_without_port(each) == portless for each in allowed)


def _without_port(address: str) -> tuple[str, str] | None:
    """Host and path; None for whatever is no loopback address by its number."""
    found = _LOOPBACK.fullmatch(address)
    if found is None:
        return None
    host, port, path = found.groups()
    return (host, path) if port is None or 1 <= int(port) <= HIGHEST_PORT else None
