"""Routes that are asked so often that the middleware of the others would cost more than their answers."""

import time
from collections.abc import Mapping, Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graphql_api.core.requests import REQUESTS, SECONDS, route_of
from graphql_api.core.security_headers import SecurityHeadersMiddleware


class BareRoutesMiddleware:
    """Stands before all other middleware. The routes have metrics, CORS and the headers of security.

    They have no log line, no id and no limit on bodies: a route reads no more of a body than it can use.
    """

    def __init__(
        self, app: ASGIApp, routes: Mapping[str, ASGIApp], origins: Sequence[str], *, over_https: bool
    ) -> None:
        """`routes` are applications by the first part of their path, such as `plays`."""
        self._app = app
        self._routes = {name: _guarded(route, origins, over_https) for name, route in routes.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._routes.get(scope["path"][1:].partition("/")[0]) if scope["type"] == "http" else None
        if route is None:
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 499

        async def send_and_see(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        path, method = route_of(scope["path"]), scope["method"]
        try:
            await route(scope, receive, send_and_see)
        except Exception:
            status = 500
            raise
        finally:
            REQUESTS.labels(path, method, str(status)).inc()
            SECONDS.labels(path).observe(time.perf_counter() - started)


def _guarded(route: ASGIApp, origins: Sequence[str], over_https: bool) -> ASGIApp:
    """Players of our own pages may read the answer; a beacon of any page arrives all the same."""
    shared = CORSMiddleware(
        route,
        allow_origins=list(origins),
        allow_methods=["POST"],
        allow_headers=["Content-Type"],
        expose_headers=["Retry-After"],
    )
    return SecurityHeadersMiddleware(shared, over_https=over_https)
