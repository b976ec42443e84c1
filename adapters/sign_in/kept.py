"""A provider's published documents, fetched once for all who wait and believed for a while."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Generic, TypeVar

from domain.kit.clock import Clock

T = TypeVar("T")

KEPT = timedelta(hours=1)
# Nobody is asked again sooner, neither after a failure nor for something newer.
REST = timedelta(seconds=5)


class Kept(Generic[T]):
    """A fetch is shared, so a provider that is slow or down gets one request at a time, and all learn of it at once."""

    def __init__(self, fetch: Callable[[], Awaitable[T]], clock: Clock, deadline_seconds: float) -> None:
        self._fetch = fetch
        self._clock = clock
        self._deadline_seconds = deadline_seconds
        self._fetching: asyncio.Task[T] | None = None
        self._begun = clock.now()

    async def get(self) -> T:
        """Raises what the fetch raised."""
        is_good = self._fetching is not None and not _has_failed(self._fetching)
        return await self._younger_than(KEPT if is_good else REST)

    async def newest(self) -> T:
        """Fetched anew, unless that happened a moment ago."""
        return await self._younger_than(REST)

    def close(self) -> None:
        """Gives up what is being fetched."""
        if self._fetching is not None:
            self._fetching.cancel()

    async def _younger_than(self, age: timedelta) -> T:
        task, now = self._fetching, self._clock.now()
        if task is None or (task.done() and now - self._begun >= age):
            self._begun = now
            task = self._fetching = asyncio.create_task(self._run(), name="provider document")
            task.add_done_callback(_has_failed)
        # whoever gives up waiting must not take it from the others
        return await asyncio.shield(task)

    async def _run(self) -> T:
        async with asyncio.timeout(self._deadline_seconds):
            return await self._fetch()


def _has_failed(task: asyncio.Task[T]) -> bool:
    """Also marks the failure as seen, for a task that nobody waits for any more."""
    return task.done() and (task.cancelled() or task.exception() is not None)
