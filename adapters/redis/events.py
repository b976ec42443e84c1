"""The event bus on Redis Streams. The publisher's event id becomes the entry id, so Redis tells a repeat."""

import asyncio
from collections.abc import Sequence
from typing import Any

import orjson
from redis.asyncio import Redis

from adapters.redis.connection import unavailable_on_failure
from adapters.redis.tails import Entry, Order, RedisTails
from domain.kit.errors import DependencyUnavailable
from domain.kit.event_bus import START, Event, Post, order_of

MAX_LENGTH = 1000
KEEP_SECONDS = 3600
PUBLISH_SECONDS = 1.0
SILENCE_SECONDS = 2.0

# KEYS: topic, feed. ARGV: the event's id, its data, the greatest length, seconds to keep. Redis refuses an entry whose
# id is not above the last one, so a repeated event reaches neither the topic nor the feed. Who follows a stream hears
# of its entries on the channel of the same name.
_PUBLISH = """
local said = redis.pcall('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], ARGV[1], 'data', ARGV[2])
if type(said) == 'table' and said.err then
  if string.find(said.err, 'equal or smaller', 1, true) then return 0 end
  return redis.error_reply(said.err)
end
local position = redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', 'data', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('PUBLISH', KEYS[1], ARGV[1] .. ' ' .. ARGV[2])
redis.call('PUBLISH', KEYS[2], position .. ' ' .. ARGV[2])
return 1
"""


class RedisEventBus:
    """One stream per topic and per feed, trimmed, gone an hour after its last event."""

    def __init__(self, redis: Redis, prefix: str = "cadenza:events:") -> None:
        self._prefix = prefix
        self._publish = redis.register_script(_PUBLISH)
        self._tails = RedisTails(redis, MAX_LENGTH)
        self._silent_until = 0.0

    async def aclose(self) -> None:
        """Nobody can wait for events after it."""
        await self._tails.aclose()

    async def publish(self, topic: str, event: Event, feed: str) -> None:
        """Never holds a song up for long: a Redis that did not answer is left alone for a moment."""
        now = asyncio.get_running_loop().time()
        if now < self._silent_until:
            raise DependencyUnavailable("Redis", "it did not answer a moment ago")
        arguments: list[Any] = [f"{event.id}-0", orjson.dumps(event.data), MAX_LENGTH, KEEP_SECONDS]
        try:
            with unavailable_on_failure():
                async with asyncio.timeout(PUBLISH_SECONDS):
                    await self._publish(keys=[self._prefix + topic, self._prefix + feed], args=arguments)
        except DependencyUnavailable:
            self._silent_until = asyncio.get_running_loop().time() + SILENCE_SECONDS
            raise

    async def read(self, topic: str, after: int, wait_seconds: float = 0.0) -> list[Event]:
        entries = await self._entries(topic, (max(after, 0), 0), wait_seconds)
        return [Event(entry.order[0], orjson.loads(entry.data)) for entry in entries]

    async def posts(self, feed: str, after: str = START, wait_seconds: float = 0.0) -> Sequence[Post]:
        entries = await self._entries(feed, order_of(after), wait_seconds)
        return [Post("{}-{}".format(*entry.order), orjson.loads(entry.data)) for entry in entries]

    async def _entries(self, stream: str, after: Order, wait_seconds: float) -> Sequence[Entry]:
        with unavailable_on_failure():
            return await self._tails.entries(self._prefix + stream, after, wait_seconds)
