"""How many long connections an address and a caller hold, in this process."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from prometheus_client import Gauge

from graphql_api.core.policy import SocketLimits

OPEN = Gauge("cadenza_graphql_connections", "Open WebSockets and event streams.", ["kind"])


class Full(Exception):
    """All places of this key are taken."""


class Places:
    """As many places for each key as the limit says."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken: Counter[str] = Counter()

    @contextmanager
    def hold(self, key: str) -> Generator[None, None, None]:
        """A place for as long as the block runs; raises `Full`."""
        if self._taken[key] >= self._limit:
            raise Full(key)
        self._taken[key] += 1
        try:
            yield
        finally:
            self._taken[key] -= 1
            if not self._taken[key]:
                del self._taken[key]


class ConnectionPlaces:
    """The places of addresses, taken when a connection opens, and of callers, taken when they are known."""

    def __init__(self, limits: SocketLimits) -> None:
        self._by_address = Places(limits.per_address)
        self._by_caller = Places(limits.per_caller)

    @contextmanager
    def of_address(self, address: str, kind: str) -> Generator[None, None, None]:
        """Raises `Full`."""
        with self._by_address.hold(address), OPEN.labels(kind).track_inprogress():
            yield

    @contextmanager
    def of_caller(self, payer: str) -> Generator[None, None, None]:
        """Raises `Full`. An address has only its own places: strangers behind one address are not one caller."""
        if payer.startswith("address:"):
            yield
            return
        with self._by_caller.hold(payer):
            yield
