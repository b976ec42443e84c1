"""Reading documents that are not known yet, one at a time for each caller."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from graphql_api.core.refusals import Refusal, TooManyDocuments


class Turns:
    """A caller whose document is refused gets the next turn only after a pause, which costs the server nothing."""

    def __init__(self, pause_seconds: float, waiting: int) -> None:
        """`waiting` is how many documents of one caller may wait for their turn."""
        self._pause_seconds = pause_seconds
        self._waiting = waiting
        self._queues: dict[str, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def take(self, payer: str) -> AsyncGenerator[None, None]:
        """Raises `TooManyDocuments` at once when too many wait already."""
        lock, count = self._queues.get(payer, (asyncio.Lock(), 0))
        if count > self._waiting:
            raise TooManyDocuments("Too many of your documents are waiting to be read.", headers={"Retry-After": "1"})
        self._queues[payer] = (lock, count + 1)
        try:
            async with lock:
                try:
                    yield
                except Refusal:
                    await asyncio.sleep(self._pause_seconds)
                    raise
        finally:
            self._leave(payer)

    def _leave(self, payer: str) -> None:
        lock, count = self._queues[payer]
        if count == 1:
            del self._queues[payer]
        else:
            self._queues[payer] = (lock, count - 1)
