"""Changes told to all processes on one channel of Redis.

Redis hands a message to its subscribers' connections before it answers who published it, so whoever is told that a
write is done finds that the other processes have been told of it, too, but for what lies in their sockets.
"""

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.change_notes import ChangeNotes
from adapters.redis.subscription import RedisSubscription
from domain.kit.changes import Hearer
from domain.kit.concurrency import stop

log = structlog.get_logger()

CHANNEL = "cadenza:changes"
TELL_SECONDS = 0.5
RETRY_SECONDS = 1.0


class RedisChanges(ChangeNotes):
    """Hearers of this process are told at once, those of others through Redis."""

    def __init__(self, redis: Redis, channel: str = CHANNEL) -> None:
        super().__init__()
        self._redis = redis
        self._channel = channel

    async def tell(self, owner_ids: Collection[str]) -> None:
        await super().tell(owner_ids)
        try:
            async with asyncio.timeout(TELL_SECONDS):
                for owner_id in owner_ids:
                    await self._redis.publish(self._channel, owner_id)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("changes_not_told", count=len(owner_ids), detail=str(error)[:200])

    @asynccontextmanager
    async def hear(self, hearer: Hearer) -> AsyncGenerator[None, None]:
        self.hearers.append(hearer)
        listening = asyncio.create_task(self._listen(hearer), name="changes")
        try:
            yield
        finally:
            self.hearers.remove(hearer)
            await stop(listening)

    async def _listen(self, hearer: Hearer) -> None:
        """For ever; a connection that is lost is opened again."""
        while True:
            ear = _Ear(hearer)
            try:
                subscription = await RedisSubscription.open(self._redis, ear)
                try:
                    subscription.subscribe(self._channel)
                    await ear.is_lost.wait()
                finally:
                    await subscription.aclose()
            except (RedisError, OSError) as error:
                log.warning("changes_not_heard", detail=str(error)[:200])
            finally:
                hearer.deaf()
            await asyncio.sleep(RETRY_SECONDS)


class _Ear:
    """What one subscription tells, as a hearer takes it."""

    def __init__(self, hearer: Hearer) -> None:
        self._hearer = hearer
        self.is_lost = asyncio.Event()

    def confirmed(self, channel: str) -> None:
        self._hearer.hearing()

    def heard(self, channel: str, data: bytes) -> None:
        self._hearer.changed(data.decode())

    def lost(self) -> None:
        self._hearer.deaf()
        self.is_lost.set()
