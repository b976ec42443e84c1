"""The event bus on Redis Streams. The publisher's event id becomes the entry id, so a repeat is refused by Redis."""

import orjson
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from adapters.redis_connection import unavailable_on_failure
from domain.kit.event_bus import Event

MAX_LENGTH = 1000
KEEP_SECONDS = 3600


class RedisEventBus:
    """One stream per topic, trimmed, gone an hour after its last event."""

    def __init__(self, redis: Redis, prefix: str = "cadenza:events:") -> None:
        self._redis = redis
        self._prefix = prefix

    async def publish(self, topic: str, event: Event) -> None:
        key = self._prefix + topic
        with unavailable_on_failure():
            try:
                await self._redis.xadd(
                    key, {"data": orjson.dumps(event.data)}, id=f"{event.id}-0", maxlen=MAX_LENGTH, approximate=True
                )
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
