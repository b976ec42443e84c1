"""Where deliveries may go: by the URL when it is registered, by the address when it is connected to. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from domain.kit.errors import Issue
from domain.webhooks.addresses import Address, is_loopback, is_public, parsed

MAX_URL = 2048
STANDARD_PORTS = frozenset({443, 8443})

_PRINTABLE = re.compile(r"[!-~]+")
_LOCAL_NAMES = frozenset({"localhost", "localhost."})


@dataclass(frozen=True)
class Destinations:
    """HTTPS to public addresses on these ports; with `loopback` also HTTP to this machine, for development."""

    ports: frozenset[int] = STANDARD_PORTS
    loopback: bool = False

    def issues(self, url: str) -> list[Issue]:
        """What is wrong with a URL that somebody wants to register; names are not resolved."""
        if reason := self._objection(url):
            return [Issue("url", reason)]
        return []

    def allows(self, host: str, port: int, address: Address) -> bool:
        """Whether a connection to `host` may be one to this address; asked for every address that it resolves to."""
        if self._is_local(host):
            return is_loopback(address)
        return port in self.ports and is_public(address)

    def _objection(self, url: str) -> str | None:
        if len(url) > MAX_URL:
            return f"The URL has more than {MAX_URL} characters."
        if not _PRINTABLE.fullmatch(url):
            return "The URL must be plain ASCII without spaces; write names in Punycode and escape the path."
        parts = _split(url)
        if parts is None or not parts.hostname:
            return "This is not a URL with a host."
        if parts.username is not None or parts.password is not None:
            return "The URL must not contain a user name or a password; the signature says who sends."
        if parts.fragment:
            return "The URL must not have a fragment."
        return None if self._is_local(parts.hostname) and parts.scheme == "http" else self._remote_objection(parts)

    def _remote_objection(self, parts: SplitResult) -> str | None:
        host, port = parts.hostname or "", parts.port or 443
        if parts.scheme != "https":
            return "The URL must begin with https://."
        if not self._is_local(host) and port not in self.ports:
            return f"The port must be one of {', '.join(map(str, sorted(self.ports)))}."
        address = parsed(host)
        if address is not None and not self.allows(host, port, address):
            return "This address is not one of the public internet."
        if address is None and (":" in host or (host in _LOCAL_NAMES and not self.loopback)):
            return "This address is not one of the public internet."
        return None

    def _is_local(self, host: str) -> bool:
        """Only what is written as this machine: a name that resolves to it is not."""
        address = parsed(host)
        return self.loopback and (host in _LOCAL_NAMES or (address is not None and is_loopback(address)))


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts
