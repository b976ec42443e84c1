"""A receiver of webhooks on a loopback port, that answers as it is told and keeps what it got."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.graphql.harness import QuietServer


@dataclass(frozen=True)
class Received:
    """One request as it arrived."""

    headers: dict[str, str]
    body: str

    @property
    def told_of(self) -> dict[str, object]:
        """The job that the message is about."""
        job: dict[str, object] = json.loads(self.body)["data"]["job"]
        return job

    def verified(self, secret: str) -> dict[str, object]:
        """The message, when the specification's own library accepts the signature."""
        told: dict[str, object] = Webhook(secret).verify(self.body, self.headers)
        return told


@dataclass
class Receiver:
    """`answer` is the status, the text and the headers of what comes back; `holds` keeps it back until it is set."""

    port: int = 0
    answer: tuple[int, bytes, dict[str, str]] = (200, b"ok", {})
    got: list[Received] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    holds: asyncio.Event | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    async def receive(self, request: Request) -> Response:
        self.got.append(Received(dict(request.headers), (await request.body()).decode()))
        self.arrived.set()
        if self.holds is not None:
            await self.holds.wait()
        status, body, headers = self.answer
        return Response(body, status, headers)

    async def next(self) -> Received:
        """The request that comes next, or has come since the last call."""
        async with asyncio.timeout(60):
            await self.arrived.wait()
        self.arrived.clear()
        return self.got[-1]


@asynccontextmanager
async def open_receiver(certificate: Path | None = None) -> AsyncGenerator[Receiver, None]:
    """With TLS when there is a file with a certificate and its key."""
    listener = socket.create_server(("127.0.0.1", 0))
    receiver = Receiver(listener.getsockname()[1])
    app = Starlette(routes=[Route("/{path:path}", receiver.receive, methods=["GET", "POST"])])
    config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, ssl_certfile=certificate)
    server = QuietServer(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield receiver
    finally:
        if receiver.holds is not None:
            receiver.holds.set()
        server.should_exit = True
        await serving
