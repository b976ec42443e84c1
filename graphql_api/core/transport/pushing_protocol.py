"""Uvicorn's WebSocket protocol with a short way for a text that many connections get.

The ASGI way costs a task that wakes up, a coroutine through each middleware and a frame made of objects: most of what
an event costs that a thousand sockets watch.
"""

from collections.abc import Callable
from typing import Any

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

# The name in an ASGI scope's extensions.
PUSH = "cadenza.websocket.push"

Push = Callable[[bytes], bool]


class PushingProtocol(WebSocketsSansIOProtocol):
    """Offers `push` to the application."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[PUSH] = self.push

    def push(self, text: bytes) -> bool:
        """Writes a text message, in UTF-8, at once; False when it cannot, and the message has to be sent as usual."""
        if not self.writable.is_set() or not self.handshake_complete or self.close_sent or self.disconnected:
            return False
        if self.conn.state is not State.OPEN or self.conn.extensions or self.transport.is_closing():
            return False
        self.transport.write(text_frame(text))
        return True


def push_of(scope: Scope) -> Push | None:
    """What the server offers for this connection, if it is this one."""
    found: Push | None = scope.get("extensions", {}).get(PUSH)
    return found


def text_frame(payload: bytes) -> bytes:
    """A whole text message in one unmasked frame (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        return b"\x81" + size.to_bytes(1, "big") + payload
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload
