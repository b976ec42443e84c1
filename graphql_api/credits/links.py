"""The way from a transfer to its job. Another area shows jobs, and it imports this one, so the way is handed in."""

from collections.abc import Awaitable, Callable

from strawberry import relay

from graphql_api.core.context import Info

FindNode = Callable[[Info, str], Awaitable[relay.Node | None]]


class JobLinks:
    """Built at the start with a function that finds a job among those the caller may see."""

    def __init__(self, find: FindNode) -> None:
        self._find = find

    async def follow(self, info: Info, job_id: str | None) -> relay.Node | None:
        return None if job_id is None else await self._find(info, job_id)
