"""What is published on Redis channels, heard over one connection.

redis-py's own `PubSub` reads with a time-out for each message, checks its health by reading beside whoever reads
already, and connects again in silence, so that what was published meanwhile is missed unnoticed. Here all messages that
have arrived are taken in one step, a connection that broke is never used again, and one can be listened to in breaths.
"""

import asyncio
from typing import Any, Protocol

import hiredis
import structlog
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

log = structlog.get_logger()

# How often the other side has to give a sign of life, asked for when it has nothing to tell.
PULSE_SECONDS = 5.0

NOT_YET = object()
# Who has so much to tell is listened to without a pause: Redis gives up a reader that stays behind.
HURRIED_BYTES = 64 * 1024


class Hearer(Protocol):
    """Who is told. Nothing here may wait or raise."""

    def confirmed(self, channel: str) -> None:
        """From now on, everything that is published on this channel is heard."""
        ...

    def heard(self, channel: str, data: bytes) -> None: ...

    def lost(self) -> None:
        """Nothing is heard any more."""
        ...


class RedisSubscription(asyncio.Protocol):
    """One connection, from `open` until it is lost or closed. Lives in one event loop."""

    def __init__(self, connection: AbstractConnection, transport: Any, hearer: Hearer, breath_seconds: float) -> None:
        self._connection = connection
        self._transport = transport
        self._hearer = hearer
        self._breath_seconds = breath_seconds
        self._breath: asyncio.TimerHandle | None = None
        self._has_heard = False
        self._messages = hiredis.Reader(notEnoughData=NOT_YET)
        self._is_alive = True
        self._is_over = False
        self._closing: asyncio.Task[None] | None = None
        transport.set_protocol(self)
        self._pulse = asyncio.get_running_loop().call_later(PULSE_SECONDS, self._feel_pulse)

    @classmethod
    async def open(cls, redis: Redis, hearer: Hearer, breath_seconds: float = 0.0) -> "RedisSubscription":
        """With the address, the credentials and the encryption of this client; raises what redis-py raises.

        The first message after a silence is taken at once. What comes in the `breath_seconds` after it waits in the
        kernel and is taken together, which costs half as much as waking up for each.
        """
        pool = redis.connection_pool
        own = {"health_check_interval": 0, "retry": Retry(NoBackoff(), 0)}
        connection: AbstractConnection = pool.connection_class(**{**pool.connection_kwargs, **own})
        await connection.connect()  # type: ignore[no-untyped-call]
        writer = connection._writer
        if writer is None:
            raise ConnectionResetError("the connection was closed at once")
        return cls(connection, writer.transport, hearer, breath_seconds)

    def subscribe(self, channel: str) -> None:
        self._send("SUBSCRIBE", channel)

    def unsubscribe(self, channel: str) -> None:
        self._send("UNSUBSCRIBE", channel)

    async def aclose(self) -> None:
        """Nothing is told after it, not even that the connection is gone."""
        self._end()
        await self._close()

    def data_received(self, data: bytes) -> None:
        self._is_alive = True
        try:
            self._messages.feed(data)
            while (message := self._messages.gets()) is not NOT_YET:
                self._take(message)
        except hiredis.ProtocolError as error:
            self._lose(str(error))
        if self._has_heard:
            self._has_heard = False
            self._pause(len(data))

    def connection_lost(self, error: Exception | None) -> None:
        self._lose(str(error or "it was closed"))

    def _send(self, *command: str) -> None:
        """A connection that is lost takes it, too: it has told that already, or will."""
        self._transport.write(b"".join(self._connection.pack_command(*command)))

    def _take(self, message: Any) -> None:
        match message:
            case [b"message", channel, data]:
                self._has_heard = True
                self._hearer.heard(channel.decode(), data)
            case [b"subscribe", channel, _]:
                self._hearer.confirmed(channel.decode())
            case hiredis.ReplyError():
                self._lose(str(message))
            case _:
                # Channels that were left, and signs of life.
                pass

    def _pause(self, size: int) -> None:
        if self._breath_seconds and size < HURRIED_BYTES and not self._is_over:
            self._transport.pause_reading()
            self._breath = asyncio.get_running_loop().call_later(self._breath_seconds, self._transport.resume_reading)

    def _feel_pulse(self) -> None:
        if self._is_alive:
            self._is_alive = False
            self._send("PING")
            self._pulse = asyncio.get_running_loop().call_later(PULSE_SECONDS, self._feel_pulse)
        else:
            self._lose("it gave no sign of life")

    def _lose(self, reason: str) -> None:
        if self._is_over:
            return
        self._end()
        self._closing = asyncio.create_task(self._close())
        log.warning("events_not_heard", reason=reason[:200])
        self._hearer.lost()

    def _end(self) -> None:
        self._is_over = True
        self._pulse.cancel()
        if self._breath is not None:
            self._breath.cancel()

    async def _close(self) -> None:
        self._transport.abort()
        await self._connection.disconnect(nowait=True)
