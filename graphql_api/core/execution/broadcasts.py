"""Answers that many listeners get: executed once, written as text once, and handed to each."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import aclosing
from typing import Self

from prometheus_client import Gauge

from domain.kit.concurrency import stop
from graphql_api.core.refusals import SlowConsumer

# An event is shared by all who wait for it, so what lags behind costs a reference each.
MOST_BEHIND = 500

RUNNING = Gauge("cadenza_graphql_broadcasts", "Subscriptions that run once for all who listen to them.")
LISTENING = Gauge("cadenza_graphql_broadcast_listeners", "Operations that listen to them.")

# What is told, as JSON.
Source = AsyncGenerator[bytes, None]
Push = Callable[[bytes], bool]


class Listener:
    """An iterator over one listener's answers. What ended the source ends it, errors included."""

    def __init__(self, broadcast: "Broadcast") -> None:
        self._broadcast = broadcast
        self._behind: deque[bytes] = deque()
        self._waiting: asyncio.Future[None] | None = None
        self._is_over = False
        self._failure: Exception | None = None
        self._push: Push | None = None

    def push_to(self, push: Push) -> None:
        """Answers go there at once while nothing waits here, unless it says False."""
        self._push = push

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """Raises `SlowConsumer` for a listener that has fallen too far behind."""
        while not self._behind:
            if self._failure is not None:
                raise self._failure
            if self._is_over:
                raise StopAsyncIteration
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        return self._behind.popleft()

    async def aclose(self) -> None:
        await self._broadcast.leave(self)

    def tell(self, answer: bytes) -> None:
        # Only one that waits for the next answer is pushed to; while it still writes the last, it would be overtaken.
        is_free = self._waiting is not None and not self._waiting.done() and not self._behind
        if self._is_over or (is_free and self._push is not None and self._push(answer)):
            return
        if len(self._behind) < MOST_BEHIND:
            self._behind.append(answer)
            self._wake()
        else:
            self._behind.clear()
            self.end(SlowConsumer())

    def end(self, failure: Exception | None) -> None:
        if not self._is_over:
            self._is_over, self._failure = True, failure
            self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


class Broadcast:
    """One source with its listeners. It runs as long as it has any; who comes later begins with the last answer."""

    def __init__(self, source: Source, forget: Callable[[], None]) -> None:
        self._forget = forget
        self._listeners: dict[Listener, None] = {}
        self._last: bytes | None = None
        self._task: asyncio.Task[None] | None = asyncio.create_task(self._run(source))
        self._stopping: asyncio.Task[None] | None = None

    def join(self) -> Listener:
        listener = Listener(self)
        if self._last is not None:
            listener.tell(self._last)
        self._listeners[listener] = None
        LISTENING.inc()
        return listener

    async def leave(self, listener: Listener) -> None:
        if listener in self._listeners:
            del self._listeners[listener]
            LISTENING.dec()
        if not self._listeners:
            self._forget()
            # Who leaves may be cut off once more while waiting; the source is stopped all the same.
            if self._stopping is None and self._task is not None:
                self._stopping = asyncio.create_task(stop(self._task))
            if self._stopping is not None:
                await asyncio.shield(self._stopping)

    async def _run(self, source: Source) -> None:
        """What is told is told a moment later: broadcasts that have news at once then make all their answers first.

        Writing to sockets drives what makes answers out of the processor's caches, so in turns both take longer.
        """
        failure: Exception | None = None
        loop = asyncio.get_running_loop()
        RUNNING.inc()
        try:
            async with aclosing(source):
                async for answer in source:
                    loop.call_soon(self._tell, answer)
                    if not self._listeners:
                        break
        except Exception as error:
            failure = error
        finally:
            RUNNING.dec()
            self._forget()
            loop.call_soon(self._end, failure)

    def _tell(self, answer: bytes) -> None:
        self._last = answer
        for listener in self._listeners:
            try:
                listener.tell(answer)
            except Exception as error:
                # One that cannot be told must not keep the others from hearing.
                listener.end(error)

    def _end(self, failure: Exception | None) -> None:
        # What has ended holds nothing that holds it, or it would wait for the collector.
        self._task, self._forget = None, _nothing
        for listener in self._listeners:
            listener.end(failure)


def _nothing() -> None:
    """There is nothing left to be forgotten."""


class Broadcasts:
    """Those that run, by what they tell and to whom."""

    def __init__(self) -> None:
        self._running: dict[Hashable, Broadcast] = {}

    def join(self, key: Hashable, begin: Callable[[], Source]) -> Listener:
        """Listens to the broadcast with this key, which `begin` makes when there is none; to be closed."""
        found = self._running.get(key)
        if found is None:
            found = self._running[key] = Broadcast(begin(), lambda: self._forget(key, found))
        return found.join()

    def _forget(self, key: Hashable, broadcast: Broadcast | None) -> None:
        if self._running.get(key) is broadcast:
            del self._running[key]
