"""A stand-in for a provider on a loopback port, and the browser that goes there."""

import asyncio
import base64
import hashlib
import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import BaseRoute

from tests.graphql.harness import QuietServer
from tests.world import TurnableClock


@dataclass(frozen=True)
class Granted:
    """What a code was given out for."""

    redirect_uri: str
    challenge: str
    nonce: str | None


class Codes:
    """Codes that count once, with PKCE (RFC 7636)."""

    def __init__(self) -> None:
        self._open: dict[str, Granted] = {}

    def issue(self, query: dict[str, str]) -> str:
        assert query["code_challenge_method"] == "S256"
        code = f"code-{len(self._open)}-{query['state'][:8]}"
        self._open[code] = Granted(query["redirect_uri"], query["code_challenge"], query.get("nonce"))
        return code

    def redeem(self, form: dict[str, str]) -> Granted | None:
        """None for a code that is unknown or used, for another address, and for a verifier that does not fit."""
        granted = self._open.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if granted is None or (granted.redirect_uri, granted.challenge) != (form.get("redirect_uri"), challenge):
            return None
        return granted


class StoppedClock(TurnableClock):
    """Goes on when it is turned, and never by itself, however slow a machine is."""

    def __init__(self) -> None:
        super().__init__()
        self._at = super().now()

    def now(self) -> datetime:
        return self._at

    def advance(self, seconds: float) -> None:
        self._at += timedelta(seconds=seconds)


async def form_of(request: Request) -> dict[str, str]:
    return flat((await request.body()).decode())


def flat(query: str) -> dict[str, str]:
    """Each field once."""
    found = parse_qs(query, strict_parsing=True, keep_blank_values=True) if query else {}
    assert all(len(values) == 1 for values in found.values()), found
    return {name: values[0] for name, values in found.items()}


@asynccontextmanager
async def listening(routes: Sequence[BaseRoute]) -> AsyncGenerator[str, None]:
    """The address of a server with these routes."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(Starlette(routes=routes), lifespan="off", log_config=None, access_log=False)
    server = QuietServer(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


async def visit(url: str) -> dict[str, str]:
    """What the browser comes back with when somebody signs in at a provider and agrees."""
    async with httpx.AsyncClient() as browser:
        response = await browser.get(url)
    assert response.status_code == 302, response.text
    return flat(urlsplit(response.headers["location"]).query)


async def visit_for_form(url: str) -> dict[str, str]:
    """The same for a provider that has the browser post its answer: the fields of the form."""
    async with httpx.AsyncClient() as browser:
        response = await browser.get(url)
    assert response.status_code == 200, response.text
    fields: dict[str, str] = response.json()
    return fields
