"""Around every request: an id, a log line, a metric, and a limit on the body."""

import re
import time
from functools import lru_cache
from secrets import token_hex
from typing import Any

import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

log = structlog.get_logger()

MAX_BODY_BYTES = 256 * 1024
REQUEST_ID_HEADER = "X-Request-Id"
_ACCEPTED_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")

REQUESTS = Counter("cadenza_http_requests_total", "HTTP requests.", ["path", "method", "status"])
SECONDS = Histogram("cadenza_http_request_seconds", "How long HTTP requests took.", ["path"])


def request_id_of(scope: Any) -> str:
    """The id that the middleware gave to this request."""
    return str(scope["state"]["request_id"])


def route_of(path: str) -> str:
    """A label with few values: some paths hold tokens, which belong neither in metrics nor in logs."""
    prefix = next((prefix for prefix in TOKEN_PATHS if path.startswith(f"{prefix}/")), None)
    return prefix or (path if path in KNOWN_PATHS else "other")


KNOWN_PATHS = frozenset({"/", "/graphql", "/livez", "/readyz", "/metrics", "/webhooks/payments", "/sign-in/return"})
TOKEN_PATHS = ("/download", "/hls", "/plays", "/payments/test", "/rest")


class RequestMiddleware:
    """Accepts a caller's request id if it is harmless, else makes one, and sends it back."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        offered = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
        request_id = offered if _ACCEPTED_ID.fullmatch(offered) else token_hex(16)
        scope.setdefault("state", {})["request_id"] = request_id
        with bound_contextvars(request_id=request_id):
            if scope["type"] == "http":
                await self._http(scope, receive, send, request_id)
            else:
                await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        measured = Measured(scope, send_with_id)
        try:
            with measured:
                await self._app(scope, receive, measured.send)
        finally:
            log.info(
                "http_request",
                path=measured.path,
                method=measured.method,
                status=measured.status,
                milliseconds=round(measured.seconds * 1000, 1),
            )


class Measured:
    """Counts and times the one request that is answered inside of it, through its `send`."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.path, self.method = route_of(scope["path"]), scope["method"]
        # What a client that left before the answer is counted with.
        self.status = 499
        self.seconds = 0.0
        self._send = send

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is not None and issubclass(kind, Exception):
            self.status = 500
        self.seconds = time.perf_counter() - self._started
        _counted(self.path, self.method, self.status).inc()
        _timed(self.path).observe(self.seconds)


@lru_cache(1024)
def _counted(path: str, method: str, status: int) -> Counter:
    return REQUESTS.labels(path, method, str(status))


@lru_cache(64)
def _timed(path: str) -> Histogram:
    return SECONDS.labels(path)


async def read_body(receive: Receive) -> bytes:
    """The whole body of a request; what came of it when the client left."""
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


class _ClientLeft(Exception):
    """Half a request is none."""


class BodyLimitMiddleware:
    """Refuses bodies above the limit by their announced length, and cuts off those that lie."""

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or int(length) > self._limit:
            await self._refuse(scope, receive, send)
            return
        try:
            body = await self._read(receive)
        except _ClientLeft:
            return
        if body is None:
            await self._refuse(scope, receive, send)
            return
        await self._app(scope, _replayed(body, receive), send)

    async def _read(self, receive: Receive) -> bytes | None:
        """None for a body above the limit; raises `_ClientLeft` when its end never comes."""
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _ClientLeft
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self._limit:
                return None
            if not message.get("more_body", False):
                return b"".join(parts)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = f"The request body may have at most {self._limit} bytes."
        extensions = {"code": "BODY_TOO_LARGE", "requestId": request_id_of(scope)}
        answer = JSONResponse({"errors": [{"message": message, "extensions": extensions}]}, 413)
        await answer(scope, receive, send)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """A receive channel that first gives the whole body and then whatever the client does."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
