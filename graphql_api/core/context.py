"""What a resolver gets: who calls, under which request id, and the services."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import strawberry
from starlette.requests import HTTPConnection
from strawberry.dataloader import DataLoader

from domain.kit.caller import ANONYMOUS, Caller, Client
from domain.kit.registry import Services

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")

MAX_USER_AGENT = 200
MAX_ADDRESS = 64

Authenticate = Callable[[str | None], Awaitable[Caller]]


class Context:
    """One per HTTP request, or per WebSocket connection."""

    def __init__(
        self, connection: HTTPConnection, request_id: str, services: Services, authenticate: Authenticate
    ) -> None:
        self.request = connection
        self.request_id = request_id
        self.connection_params: Mapping[str, Any] | None = None
        self._services = services
        self._authenticate = authenticate
        self._caller: Caller | Exception = ANONYMOUS
        self._loaders: dict[type, Any] = {}

    @property
    def caller(self) -> Caller:
        """Raises `Unauthenticated` for a token that is not valid; no token at all is an anonymous caller."""
        if isinstance(self._caller, Exception):
            raise self._caller
        return self._caller

    async def authenticate(self) -> None:
        """Finds out who calls. A refusal is told by the fields that ask for the caller: others need none."""
        try:
            self._caller = await self._authenticate(self._bearer_token())
        except Exception as refusal:
            self._caller = refusal

    @property
    def client(self) -> Client:
        """Where the call comes from, for the log of security events and for limits."""
        peer = self.request.client
        printable = "".join(filter(str.isprintable, self.request.headers.get("user-agent", "")))
        return Client("" if peer is None else peer.host[:MAX_ADDRESS], printable[:MAX_USER_AGENT])

    def service(self, kind: type[T]) -> T:
        return self._services.get(kind)

    def loader(self, kind: type["AreaLoader[K, V]"]) -> "AreaLoader[K, V]":
        """The loader of this class for this context."""
        if kind not in self._loaders:
            self._loaders[kind] = kind(self)
        found: AreaLoader[K, V] = self._loaders[kind]
        return found

    def _bearer_token(self) -> str | None:
        header = self.request.headers.get("authorization")
        if header is None and self.connection_params:
            header = next(
                (str(value) for name, value in self.connection_params.items() if name.lower() == "authorization"),
                None,
            )
        if header is None:
            return None
        scheme, _, token = header.partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


class AreaLoader(DataLoader[K, V], ABC):
    """Gathers keys into one query. It remembers nothing: a subscription's context lives long and things change."""

    def __init__(self, context: Context) -> None:
        super().__init__(load_fn=self.load_batch, cache=False)
        self.context = context

    @abstractmethod
    async def load_batch(self, keys: list[K]) -> list[V]:
        """One value for each key, in the order of the keys."""


Info = strawberry.Info[Context, None]
