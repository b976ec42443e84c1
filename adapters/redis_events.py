"""The event bus on Redis Streams. The publisher's event id becomes the entry id, so a repeat is refused by Redis."""

import asyncio
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from adapters.redis_connection import unavailable_on_failure
from domain.kit.errors import DependencyUnavailable
from domain.kit.event_bus import Event

MAX_LENGTH = 1000
KEEP_SECONDS = 3600
PUBLISH_SECONDS = 1.0
SILENCE_SECONDS = 2.0


class RedisEventBus:
    """One stream per topic, trimmed, gone an hour after its last event."""

    def __init__(self, redis: Redis, prefix: str = "cadenza:events:") -> None:
        self._redis = redis
        self._prefix = prefix
        self._silent_until = 0.0

    async def publish(self, topic: str, event: Event) -> None:
        """Never holds a song up for long: a Redis that did not answer is left alone for a moment."""
        now = asyncio.get_running_loop().time()
        if now < self._silent_until:
            raise DependencyUnavailable("Redis", "it did not answer a moment ago")
        try:
            with unavailable_on_failure():
                async with asyncio.timeout(PUBLISH_SECONDS):
                    await self._append(self._prefix + topic, event)
        except DependencyUnavailable:
            self._silent_until = asyncio.get_running_loop().time() + SILENCE_SECONDS
            raise

    async def _append(self, key: str, event: Event) -> None:
        data: Any = {"data": orjson.dumps(event.data)}
        try:
            await self._redis.xadd(key, data, id=f"{event.id}-0", maxlen=MAX_LENGTH, approximate=True)
        except ResponseError as error:
            if "equal or smaller" not in str(error):
                raise
            return
        await self._redis.expire(key, KEEP_SECONDS)

    async def read(self, topic: str, after: int, wait_seconds: float = 0.0) -> list[Event]:
        position = f"{max(after, 0)}-0"
        block = max(1, int(wait_seconds * 1000)) if wait_seconds > 0 else None
        with unavailable_on_failure():
            answer = await self._redis.xread({self._prefix + topic: position}, count=MAX_LENGTH, block=block)
        entries = answer[0][1] if answer else []
        return [Event(int(entry_id.split(b"-")[0]), orjson.loads(fields[b"data"])) for entry_id, fields in entries]
