"""Event streams in a dictionary."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from domain.kit.clock import Clock, SystemClock
from domain.kit.errors import DependencyUnavailable
from domain.kit.event_bus import START, Event, Post, order_of


@dataclass
class MemoryEventBus:
    """`is_down` makes it fail like a lost server; `wipe` forgets everything, as an emptied server would."""

    topics: dict[str, list[Event]] = field(default_factory=dict)
    feeds: dict[str, list[Post]] = field(default_factory=dict)
    is_down: bool = False
    clock: Clock = field(default_factory=SystemClock)
    _number: int = 0
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def publish(self, topic: str, event: Event, feed: str) -> None:
        self._check()
        events = self.topics.setdefault(topic, [])
        if events and event.id <= events[-1].id:
            return
        events.append(event)
        self._number += 1
        position = f"{int(self.clock.now().timestamp() * 1000)}-{self._number}"
        self.feeds.setdefault(feed, []).append(Post(position, event.data))
        async with self._changed:
            self._changed.notify_all()

    async def read(self, topic: str, after: int, wait_seconds: float = 0.0) -> list[Event]:
        self._check()

        def found() -> list[Event]:
            return [event for event in self.topics.get(topic, []) if event.id > after]

        await self._wait(found, wait_seconds)
        return found()

    async def posts(self, feed: str, after: str = START, wait_seconds: float = 0.0) -> Sequence[Post]:
        self._check()

        def found() -> list[Post]:
            return [post for post in self.feeds.get(feed, []) if post.order > order_of(after)]

        await self._wait(found, wait_seconds)
        return found()

    def wipe(self) -> None:
        self.topics.clear()
        self.feeds.clear()

    async def _wait(self, found: Callable[[], Sequence[object]], seconds: float) -> None:
        if found() or seconds <= 0:
            return
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: bool(found()))
        except TimeoutError:
            return

    def _check(self) -> None:
        if self.is_down:
            raise DependencyUnavailable("Redis", "switched off")
