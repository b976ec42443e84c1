"""What a resolver gets: who calls, under which request id, and the services."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import strawberry
from strawberry.dataloader import DataLoader

from domain.kit.caller import ANONYMOUS, Caller, Client
from domain.kit.registry import Services

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")

Authenticate = Callable[[str | None], Awaitable[Caller]]


class Context:
    """One per HTTP request, or per WebSocket connection. `client` is where it comes from."""

    def __init__(self, request_id: str, client: Client, services: Services, authenticate: Authenticate) -> None:
        self.request_id = request_id
        self.client = client
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

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody is known to call; a token that is not valid makes nobody known."""
        return isinstance(self._caller, Exception) or self._caller.account_id is None

    @property
    def is_refused(self) -> bool:
        """Whether the call came with a token that is not valid."""
        return isinstance(self._caller, Exception)

    @property
    def is_partner(self) -> bool:
        """Whether an organisation calls, by one of its keys."""
        return not isinstance(self._caller, Exception) and self._caller.is_partner

    @property
    def payer(self) -> str:
        """Whose budget a request is charged to: the account's, or the address's."""
        return f"address:{self.client.address}" if self.is_anonymous else f"account:{self.caller.account_id}"

    async def authenticate(self, authorization: str | None) -> None:
        """Finds out who calls. A refusal is told by the fields that ask for the caller: others need none."""
        try:
            self._caller = await self._authenticate(bearer_token(authorization))
        except Exception as refusal:
            self._caller = refusal

    def service(self, kind: type[T]) -> T:
        return self._services.get(kind)

    def loader(self, kind: type["AreaLoader[K, V]"]) -> "AreaLoader[K, V]":
        """The loader of this class for this context."""
        if kind not in self._loaders:
            self._loaders[kind] = kind(self)
        found: AreaLoader[K, V] = self._loaders[kind]
        return found


def bearer_token(authorization: str | None) -> str | None:
    """The token of an Authorization header; an empty one, which is never valid, for another scheme."""
    if authorization is None:
        return None
    scheme, _, token = authorization.partition(" ")
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
