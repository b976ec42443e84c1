"""Routes that are asked so often that the middleware of the others would cost more than their answers."""

from collections.abc import Mapping, Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from graphql_api.core.transport.requests import Measured
from graphql_api.core.transport.security_headers import SecurityHeadersMiddleware


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
        measured = Measured(scope, send)
        with measured:
            await route(scope, receive, measured.send)


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
