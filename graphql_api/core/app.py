"""The Starlette application around the schema."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import strawberry
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route, WebSocketRoute
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from domain.kit.registry import Services
from graphql_api.core.context import Authenticate
from graphql_api.core.health import ROUTES as HEALTH_ROUTES
from graphql_api.core.health import Check
from graphql_api.core.http import GraphQLEndpoint
from graphql_api.core.presentation import Unavailability
from graphql_api.core.requests import BodyLimitMiddleware, RequestMiddleware


@dataclass(frozen=True)
class Running:
    """What the application needs while it runs: opened at start, closed at the end by whoever opened it."""

    services: Services
    authenticate: Authenticate
    as_unavailable: Unavailability
    checks: Mapping[str, Check]


Opening = Callable[[], AbstractAsyncContextManager[Running]]


def build_app(
    schema: strawberry.Schema,
    routes: Sequence[BaseRoute],
    opening: Opening,
    *,
    ide: bool,
    origins: Sequence[str],
    trusted_proxies: Sequence[str] = (),
) -> Starlette:
    """`opening` makes the services when the server starts; `origins` are those a browser may call from.

    Only `trusted_proxies` are believed when they say for whom they call.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None, None]:
        async with opening() as running:
            app.state.services = running.services
            app.state.authenticate = running.authenticate
            app.state.as_unavailable = running.as_unavailable
            app.state.checks = running.checks
            yield

    endpoint: Any = GraphQLEndpoint(schema, ide=ide, origins=origins)
    return Starlette(
        routes=[Route("/graphql", endpoint), WebSocketRoute("/graphql", endpoint), *HEALTH_ROUTES, *routes],
        middleware=[
            Middleware(ProxyHeadersMiddleware, trusted_hosts=list(trusted_proxies)),
            Middleware(RequestMiddleware),
            Middleware(
                CORSMiddleware,
                allow_origins=list(origins),
                allow_methods=["GET", "POST"],
                allow_headers=["Authorization", "Content-Type", "X-Request-Id"],
                expose_headers=["X-Request-Id"],
            ),
            Middleware(BodyLimitMiddleware),
        ],
        lifespan=lifespan,
    )
