"""A receiver of webhooks for one terminal: it verifies, answers and prints, and keeps nothing."""

import asyncio
import json
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bootstrap.cli.client import ApiProblem
from domain.webhooks.signing import ID_HEADER, SignatureInvalid, verify

Say = Callable[[str], None]


class InterruptibleServer(uvicorn.Server):
    """Ends on Ctrl-C like any other; uvicorn's own would send the signal on, which cancels what is to follow."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self.should_exit = True


async def listening(port: int, secret: str, greeting: str, say: Say) -> None:
    """Until Ctrl-C; the greeting is said when it listens. Raises `ApiProblem` when the port is taken."""
    app = receiver(secret, say)
    config = uvicorn.Config(app, host="127.0.0.1", port=port, lifespan="off", log_config=None, access_log=False)
    server = InterruptibleServer(config, lambda: say(greeting))
    try:
        await server.serve()
    except SystemExit as error:
        raise ApiProblem(f"Nothing can listen on port {port}; choose another one with --port.") from error


def receiver(secret: str, say: Say) -> Starlette:
    """Answers 200 to what is verified and 400 to all else, and says both."""

    async def receive(request: Request) -> Response:
        body = await request.body()
        try:
            verify(request.headers, body, secret, datetime.now(UTC))
        except SignatureInvalid as refusal:
            say(f"refused: {refusal}")
            return PlainTextResponse("The signature does not fit.", 400)
        say(f"{request.headers[ID_HEADER]}  {_told(body)}")
        return PlainTextResponse("ok")

    return Starlette(routes=[Route("/{path:path}", receive, methods=["POST"])])


def _told(body: bytes) -> str:
    """The type, and what is most wanted to know of the job."""
    message = json.loads(body)
    job = message["data"].get("job")
    if job is None:
        return str(message["type"])
    track = f"  track {job['trackId']}" if "trackId" in job else ""
    problem = "" if job["problem"] is None else f"  {job['problem']['message']}"
    return f"{message['type']}  job {job['id']}{track}{problem}"
