"""Clients that watch: GraphQL over WebSocket (RFC 6455) on raw sockets, as many as a process can hold."""

import asyncio
import base64
import os
import struct
import time
from collections.abc import Mapping
from typing import Any

import orjson

ETA = b'"etaSeconds":'


class Watcher(asyncio.Protocol):
    """One connection with one subscription. Events tell in `etaSeconds` when they were sent, by the machine's clock."""

    def __init__(self, token: str, query: str, variables: Mapping[str, Any]) -> None:
        self._token = token
        self._subscribe = {"id": "1", "type": "subscribe", "payload": {"query": query, "variables": variables}}
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._is_open = False
        self.is_watching: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.delays: list[float] = []
        self.received = 0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        head = [
            "GET /graphql HTTP/1.1",
            "host: bench",
            "upgrade: websocket",
            "connection: Upgrade",
            f"sec-websocket-key: {key}",
            "sec-websocket-version: 13",
            "sec-websocket-protocol: graphql-transport-ws",
            f"authorization: Bearer {self._token}",
        ]
        transport.write("\r\n".join([*head, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._is_open:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            del self._buffer[: end + 4]
            self._is_open = True
            self._send({"type": "connection_init"})
        while (message := self._message()) is not None:
            self._take(message)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.is_watching.done():
            self.is_watching.set_exception(ConnectionError("closed before it watched"))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _take(self, message: bytes) -> None:
        if b'"connection_ack"' in message:
            self._send(self._subscribe)
        elif b'"next"' in message:
            if self.is_watching.done():
                self.received += 1
                at = message.find(ETA) + len(ETA)
                self.delays.append(time.monotonic() - float(message[at : message.index(b",", at)]))
            else:
                self.is_watching.set_result(None)
        elif b'"ping"' not in message and not self.is_watching.done():
            self.is_watching.set_exception(ConnectionError(message.decode()))

    def _message(self) -> bytes | None:
        """The next whole frame's payload; servers do not mask theirs."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1], 2
        if size == 126:
            if len(buffer) < 4:
                return None
            (size,), start = struct.unpack_from("!H", buffer, 2), 4
        if len(buffer) < start + size:
            return None
        message = bytes(buffer[start : start + size])
        del buffer[: start + size]
        return message

    def _send(self, message: Mapping[str, Any]) -> None:
        """Masked with zeros, which the protocol allows and which leaves the payload as it is."""
        assert self._transport is not None
        payload = orjson.dumps(message)
        length = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack("!H", len(payload))
        self._transport.write(b"\x81" + length + b"\0\0\0\0" + payload)
