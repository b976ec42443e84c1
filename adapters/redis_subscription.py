"""What is published on Redis channels, heard over one connection.

redis-py's own `PubSub` reads with a time-out for each message, checks its health by reading beside whoever reads
already, and connects again in silence, so that what was published meanwhile is missed unnoticed. Here one reader takes
what has arrived, message after message, and a connection that broke is never used again.
"""

import asyncio
from typing import Protocol

import structlog
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from domain.kit.concurrency import stop

log = structlog.get_logger()

# How often the other side has to give a sign of life, asked for when it has nothing to tell.
PULSE_SECONDS = 5.0


class Hearer(Protocol):
    """Who is told. Nothing here may wait or raise."""

    def confirmed(self, channel: str) -> None:
        """From now on, everything that is published on this channel is heard."""
        ...

    def heard(self, channel: str, data: bytes) -> None: ...

    def lost(self) -> None:
        """Nothing is heard any more."""
        ...


class RedisSubscription:
    """One connection, from `open` until it is lost or closed. Lives in one event loop."""

    def __init__(self, connection: AbstractConnection, hearer: Hearer) -> None:
        self._connection = connection
        self._hearer = hearer
        self._is_alive = True
        self._is_over = False
        self._reading = asyncio.create_task(self._read(), name="redis channels")
        self._pulse = asyncio.create_task(self._feel_pulse(), name="redis channels' pulse")

    @classmethod
    async def open(cls, redis: Redis, hearer: Hearer) -> "RedisSubscription":
        """With the address, the credentials and the encryption of this client; raises what redis-py raises."""
        pool = redis.connection_pool
        own = {"socket_timeout": None, "health_check_interval": 0, "retry": Retry(NoBackoff(), 0)}
        connection: AbstractConnection = pool.connection_class(**{**pool.connection_kwargs, **own})
        await connection.connect()  # type: ignore[no-untyped-call]
        return cls(connection, hearer)

    async def subscribe(self, channel: str) -> None:
        await self._send("SUBSCRIBE", channel)

    async def unsubscribe(self, channel: str) -> None:
        await self._send("UNSUBSCRIBE", channel)

    async def aclose(self) -> None:
        """Nothing is told after it, not even that the connection is gone."""
        self._is_over = True
        await stop(self._reading, self._pulse)
        await self._connection.disconnect(nowait=True)

    async def _send(self, *command: str) -> None:
        if self._is_over:
            raise ConnectionResetError("the connection to Redis was lost")
        await self._connection.send_command(*command, check_health=False)

    async def _read(self) -> None:
        try:
            while True:
                self._take(await self._connection.read_response())
        except (RedisError, OSError) as error:
            await self._lose(str(error))

    def _take(self, message: object) -> None:
        self._is_alive = True
        match message:
            case [b"message", bytes(channel), bytes(data)]:
                self._hearer.heard(channel.decode(), data)
            case [b"subscribe", bytes(channel), _]:
                self._hearer.confirmed(channel.decode())
            case _:
                # Channels that were left, and signs of life.
                pass

    async def _feel_pulse(self) -> None:
        try:
            while self._is_alive:
                self._is_alive = False
                await self._send("PING")
                await asyncio.sleep(PULSE_SECONDS)
            await self._lose("it gave no sign of life")
        except (RedisError, OSError) as error:
            await self._lose(str(error))

    async def _lose(self, reason: str) -> None:
        if self._is_over:
            return
        self._is_over = True
        log.warning("events_not_heard", reason=reason[:200])
        self._hearer.lost()
        # Ends the other task, too.
        await self._connection.disconnect(nowait=True)
