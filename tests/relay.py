"""A TCP relay that can be cut, to take a server away from one client only."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Relay:
    """Passes bytes on to `host:port`, until it is cut; and none while `flowing` is clear."""

    host: str
    port: int
    own_port: int = 0
    _server: asyncio.Server | None = None
    flowing: asyncio.Event = field(default_factory=asyncio.Event)
    _lines: set[asyncio.Task[Any]] = field(default_factory=set)

    async def open(self) -> None:
        """Always on the same port."""
        self.flowing.set()
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.own_port)
        self.own_port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Breaks every connection and refuses new ones."""
        if self._server is None:
            return
        self._server.close()
        while lines := list(self._lines):
            for line in lines:
                line.cancel()
            await asyncio.wait(lines)
        await self._server.wait_closed()
        self._server = None

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.current_task()
        assert line is not None
        self._lines.add(line)
        try:
            far_reader, far_writer = await asyncio.open_connection(self.host, self.port)
            with suppress(OSError):
                await asyncio.gather(self._copy(reader, far_writer), self._copy(far_reader, writer))
        finally:
            writer.transport.abort()
            self._lines.discard(line)

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                await self.flowing.wait()
                writer.write(data)
                await writer.drain()
        finally:
            writer.transport.abort()


@asynccontextmanager
async def open_relay(host: str, port: int) -> AsyncGenerator[Relay, None]:
    relay = Relay(host, port)
    await relay.open()
    try:
        yield relay
    finally:
        await relay.cut()
