"""Uvicorn's WebSocket protocol with a short way for a text that many connections get.

The ASGI way costs a task that wakes up, a coroutine through each middleware and a frame made of objects: most of what
an event costs that a thousand sockets watch.
"""

import socket
from asyncio import BaseTransport
from collections.abc import Callable
from functools import lru_cache
from math import ceil
from typing import Any

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

# The name in an ASGI scope's extensions.
PUSH = "cadenza.websocket.push"
# How long the kernel tries to deliver what a client does not acknowledge before it gives the connection up.
UNACKNOWLEDGED_MILLISECONDS = 40_000

# What stands before an answer and behind it, and the answer.
Push = Callable[[bytes, bytes, bytes], bool]


class PushingProtocol(WebSocketsSansIOProtocol):
    """Offers `push` to the application. Only clients that nothing is pushed to are asked for signs of life."""

    was_pushed_to = False
    is_held_up = False

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        connection = transport.get_extra_info("socket")
        if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MILLISECONDS)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        # What compresses keeps a state of its own for each connection, so there the usual way is the only one.
        if hasattr(self, "scope") and not self.conn.extensions:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[PUSH] = self.push

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        # What is offered holds this connection, which holds what is offered.
        getattr(self, "scope", {}).get("extensions", {}).pop(PUSH, None)

    def push(self, before: bytes, behind: bytes, text: bytes) -> bool:
        """Writes a text message in UTF-8 with what stands before and behind it at once.

        False when it cannot, and the message has to be sent as usual.
        """
        if self.is_held_up or not self.handshake_complete or self.close_sent or self.transport.is_closing():
            return False
        size = len(before) + len(text) + len(behind)
        self.transport.write(b"".join((text_header(size), before, text, behind)))
        self.was_pushed_to = True
        return True

    def pause_writing(self) -> None:
        super().pause_writing()
        self.is_held_up = True

    def resume_writing(self) -> None:
        super().resume_writing()
        self.is_held_up = False

    def schedule_ping(self) -> None:
        """At a full second, so that the many are looked at together."""
        if self.ping_interval is not None:
            self.ping_timer = self.loop.call_at(ceil(self.loop.time() + self.ping_interval), self.send_keepalive_ping)

    def send_keepalive_ping(self) -> None:
        """What was pushed keeps a connection from looking idle, and the kernel notices when it is not taken."""
        if self.was_pushed_to:
            self.was_pushed_to = False
            self.schedule_ping()
        else:
            super().send_keepalive_ping()


def push_of(scope: Scope) -> Push | None:
    """What the server offers for this connection, if it is this one."""
    found: Push | None = scope.get("extensions", {}).get(PUSH)
    return found


@lru_cache(maxsize=1024)
def text_header(size: int) -> bytes:
    """What stands before the payload of a whole text message in one unmasked frame (RFC 6455, section 5.2)."""
    if size < 126:
        return b"\x81" + size.to_bytes(1, "big")
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big")
    return b"\x81\x7f" + size.to_bytes(8, "big")
