"""One call of an endpoint: who calls, with which parameters, and the services."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from starlette.responses import Response

from domain.accounts.model import Account
from domain.accounts.service import AccountService
from domain.kit.caller import Caller, Scope
from domain.kit.registry import Services
from graphql_api.subsonic.failures import Code, Failed
from graphql_api.subsonic.parameters import Parameters
from graphql_api.subsonic.replies import Element

T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """`caller` holds a person's API key."""

    parameters: Parameters
    caller: Caller
    services: Services

    def get(self, kind: type[T]) -> T:
        return self.services.get(kind)

    async def account(self) -> Account:
        """Raises `Failed`."""
        account = await self.get(AccountService).viewer(self.caller, Scope.LIBRARY)
        if account is None:
            raise Failed(Code.INVALID_KEY, "This key belongs to nobody.")
        return account


Answer = Element | Response
Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True)
class Endpoint:
    """`points` are taken from the caller's budget, the same as GraphQL's.

    Who `is_remembered` promises to read nothing but the caller's own tracks, and of the parameters none.
    """

    handle: Handler
    points: int = 10
    is_remembered: bool = False
