"""Whether the sessions behind long connections live on, asked for all connections of a process at once."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import NoReturn

import structlog

from domain.kit.caller import Caller
from graphql_api.core.context import Context

log = structlog.get_logger()

# Callers of one question, which is one query for each kind of credential among them.
AT_ONCE = 1000

LiveAmong = Callable[[Sequence[Caller]], Awaitable[Collection[Caller]]]


class SessionWatch:
    """Looks every so often, for each caller once, however many connections one has. Lives in one event loop."""

    def __init__(self, live_among: LiveAmong, every_seconds: float) -> None:
        """A session that has ended is noticed within `every_seconds` and the time that one look takes."""
        self._live_among = live_among
        self._every_seconds = every_seconds
        self._waiting: dict[Caller, set[asyncio.Future[None]]] = {}

    async def ended(self, context: Context) -> None:
        """Returns when the session of who calls is over; nobody's session never is."""
        ending: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if context.is_anonymous:
            return await ending
        caller = context.caller
        connections = self._waiting.setdefault(caller, set())
        connections.add(ending)
        try:
            await ending
        finally:
            connections.discard(ending)
            if not connections and self._waiting.get(caller) is connections:
                del self._waiting[caller]

    async def run(self) -> NoReturn:
        """Until it is cancelled. What cannot be asked now is asked again, and ends nobody's connection."""
        while True:
            await asyncio.sleep(self._every_seconds)
            watched = list(self._waiting)
            for first in range(0, len(watched), AT_ONCE):
                callers = watched[first : first + AT_ONCE]
                try:
                    self._end(set(callers).difference(await self._live_among(callers)))
                except Exception as error:
                    log.warning("sessions_not_checked", exc_info=error)

    def _end(self, callers: Collection[Caller]) -> None:
        for caller in callers:
            for ending in self._waiting.get(caller, ()):
                if not ending.done():
                    ending.set_result(None)
