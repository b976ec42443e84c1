"""Event streams in a dictionary."""

import asyncio
from dataclasses import dataclass, field

from domain.kit.errors import DependencyUnavailable
from domain.kit.event_bus import Event


@dataclass
class MemoryEventBus:
    """`is_down` makes it fail like a lost server; `wipe` forgets everything, as an emptied server would."""

    topics: dict[str, list[Event]] = field(default_factory=dict)
    is_down: bool = False
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def publish(self, topic: str, event: Event) -> None:
        self._check()
        events = self.topics.setdefault(topic, [])
        if events and event.id <= events[-1].id:
            return
        events.append(event)
        async with self._changed:
            self._changed.notify_all()

    async def read(self, topic: str, after: int, wait_seconds: float = 0.0) -> list[Event]:
        self._check()
        found = self._after(topic, after)
        if found or wait_seconds <= 0:
            return found
        try:
            async with asyncio.timeout(wait_seconds), self._changed:
                await self._changed.wait_for(lambda: self._after(topic, after))
        except TimeoutError:
            return []
        return self._after(topic, after)

    def wipe(self) -> None:
        self.topics.clear()

    def _after(self, topic: str, after: int) -> list[Event]:
        return [event for event in self.topics.get(topic, []) if event.id > after]

    def _check(self) -> None:
        if self.is_down:
            raise DependencyUnavailable("Redis", "switched off")
