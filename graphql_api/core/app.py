"""The Starlette application around the schema."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import strawberry
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp

from domain.kit.changes import Changes, Hearer, Hearers
from domain.kit.concurrency import stop
from domain.kit.kept_texts import KeptTexts
from domain.kit.rate_limit import CostBuckets
from domain.kit.registry import Services
from graphql_api.core.context import Authenticate
from graphql_api.core.documents.operations import TextSource
from graphql_api.core.documents.persisted import PersistedSource, Safelist
from graphql_api.core.documents.prices import PriceList, Prices
from graphql_api.core.documents.reading import Documents
from graphql_api.core.documents.turns import Turns
from graphql_api.core.execution.engine import Engine
from graphql_api.core.front import Front, UsageLog
from graphql_api.core.health import ROUTES as HEALTH_ROUTES
from graphql_api.core.health import Check
from graphql_api.core.policy import EdgePolicy
from graphql_api.core.presentation import ErrorPresenter, Unavailability
from graphql_api.core.remembering import RememberedAnswers
from graphql_api.core.transport.bare import BareRoutesMiddleware
from graphql_api.core.transport.http import GraphQLEndpoint
from graphql_api.core.transport.requests import MAX_BODY_BYTES, BodyLimitMiddleware, RequestMiddleware
from graphql_api.core.transport.security_headers import SecurityHeadersMiddleware
from graphql_api.core.transport.sessions import LiveAmong, SessionWatch


@dataclass(frozen=True)
class Running:
    """What the application needs while it runs: opened at start, closed at the end by whoever opened it.

    With `texts`, clients that are no organisations may have documents kept under their hashes. The `hearers` are told
    of `changes` while the application runs.
    """

    services: Services
    authenticate: Authenticate
    live_among: LiveAmong
    as_unavailable: Unavailability
    buckets: CostBuckets
    safelist: Safelist
    usage: UsageLog
    texts: KeptTexts | None
    changes: Changes
    hearers: Sequence[Hearer]
    checks: Mapping[str, Check]


Opening = Callable[[], AbstractAsyncContextManager[Running]]


def build_app(
    schema: strawberry.Schema,
    prices: Prices,
    routes: Sequence[BaseRoute],
    opening: Opening,
    policy: EdgePolicy,
    bare_routes: Mapping[str, ASGIApp] | None = None,
) -> Starlette:
    """`opening` makes the services when the server starts. Raises `ValueError` for a price of no field.

    `bare_routes` stand before the middleware, by the first part of their path.
    """
    core = schema._schema
    priced = PriceList(core, prices)
    documents = Documents(core, priced, policy.documents, policy.cached_documents, policy.longest_cached)
    registered = Documents(core, priced, policy.documents, policy.cached_operations, MAX_BODY_BYTES)
    # What is only looked at must not push out what is run.
    inspected = Documents(core, priced, policy.documents, kept=0)
    turns = Turns(policy.refusal_pause_seconds, policy.waiting_documents)
    texts = TextSource(documents, turns, open_to_the_curious=policy.open_to_the_curious)
    engine = Engine(schema, policy.execution_seconds)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None, None]:
        remembered = RememberedAnswers(policy.remembered_bytes)
        async with opening() as running, running.changes.hear(Hearers([remembered, *running.hearers])):
            app.state.services = running.services.beside(inspected)
            app.state.authenticate = running.authenticate
            app.state.as_unavailable = running.as_unavailable
            app.state.checks = running.checks
            app.state.proxies = policy.proxies
            source = PersistedSource(texts, registered, running.safelist, running.texts, policy.public_safelist)
            presenter = ErrorPresenter(running.as_unavailable)
            app.state.front = Front(source, engine, running.buckets, running.usage, presenter, policy, remembered)
            app.state.sessions = SessionWatch(running.live_among, policy.sockets.revalidate_seconds)
            watching = asyncio.create_task(app.state.sessions.run(), name="sessions")
            yield
            await stop(watching)

    endpoint: Any = GraphQLEndpoint(policy)
    return Starlette(
        routes=[Route("/graphql", endpoint), WebSocketRoute("/graphql", endpoint), *HEALTH_ROUTES, *routes],
        middleware=_middleware(policy, bare_routes or {}),
        lifespan=lifespan,
    )


def _middleware(policy: EdgePolicy, bare_routes: Mapping[str, ASGIApp]) -> list[Middleware]:
    """From the outermost to the innermost."""
    return [
        Middleware(BareRoutesMiddleware, bare_routes, origins=policy.origins, over_https=policy.over_https),
        Middleware(RequestMiddleware),
        Middleware(SecurityHeadersMiddleware, over_https=policy.over_https),
        Middleware(
            CORSMiddleware,
            allow_origins=list(policy.origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "If-None-Match", "If-Range", "Range", "X-Request-Id"],
            expose_headers=["Content-Disposition", "Content-Range", "ETag", "X-Request-Id", "Retry-After"],
        ),
        Middleware(BodyLimitMiddleware),
    ]
