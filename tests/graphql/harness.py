"""The real application around the services of a `World`, reached in process and over a loopback port."""

import asyncio
import re
import socket
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import strawberry
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters import mongo
from bootstrap.areas import BARE_ROUTES, PRICES, ROUTES
from domain.accounts.service import AccountService
from domain.accounts.services.sign_in import SignInService
from domain.credits.model import FREE_PLAN
from domain.kit.caller import Caller
from domain.kit.ids import new_id
from domain.kit.rate_limit import Bucket
from domain.kit.registry import Services
from domain.kit.trust.authentication import Authentication
from domain.library.places import ListPlaces
from domain.mail.service import MailOutbox
from domain.partners.services.safelist import OperationSafelist
from domain.partners.services.usage import PartnerUsage
from graphql_api.core.app import Running, build_app
from graphql_api.core.health import Check
from graphql_api.core.policy import DocumentLimits, EdgePolicy
from graphql_api.core.transport.pushing_protocol import PushingProtocol
from tests.graphql.client import GraphQLClient
from tests.world import World

ORIGIN = "https://app.cadenza.example"
PASSWORD = "a good password"
# Tests that are not about budgets never meet one.
ENDLESS = Bucket(capacity=10**9, restore_per_second=1e6)
POLICY = EdgePolicy(
    open_to_the_curious=True, origins=[ORIGIN], account_bucket=ENDLESS, address_bucket=ENDLESS, partner_bucket=ENDLESS
)
# Documents that ask for everything at once, which nobody may do in earnest.
WIDE = DocumentLimits(tokens=10**6, nesting=1000, depth=1000, nodes=10**6, aliases=10**6, repeats=10**6, cost=10**8)


def is_request_id(text: str) -> bool:
    """Whether `text` is an id of the kind that requests get which bring none."""
    return re.fullmatch(r"[0-9a-f]{32}", text) is not None


@dataclass(frozen=True)
class Person:
    """An account, seen from inside (`caller`) and from outside (`client`)."""

    caller: Caller
    client: GraphQLClient
    email: str


@dataclass(frozen=True)
class Api:
    """The application of one test. `base_url` is its real address, `http` reaches it without a network."""

    world: World
    app: ASGIApp
    http: httpx.AsyncClient
    base_url: str

    @property
    def anonymous(self) -> GraphQLClient:
        return GraphQLClient(self.http, f"{self.base_url.replace('http', 'ws')}/graphql")

    async def contents(self) -> dict[str, list[dict[str, Any]]]:
        """Everything in the database, to show that a refused call has changed nothing."""
        await self.world.get(MailOutbox).settle()
        names = await self.world.client[self.world.database].list_collection_names()
        return {name: await self.world.documents(name) for name in sorted(names)}

    async def person(self, name: str = "Ada", plan: str = FREE_PLAN) -> Person:
        """A new account on this plan, with its client."""
        email = f"{new_id().lower()}@cadenza.example"
        session = await self.world.get(AccountService).sign_up(email, PASSWORD, name)
        await self.world.get(MailOutbox).settle()
        person = Person(Caller(session.account.id, session.id), self.anonymous.with_token(session.access_token), email)
        if plan != FREE_PLAN:
            await self.world.subscribe(person.caller, plan)
        return person

    async def signed_in_again(self, person: Person) -> Person:
        """The same person with fresh tokens, for tests that let more time pass than a token lives."""
        session = await self.world.get(SignInService).sign_in(person.email, PASSWORD)
        client = self.anonymous.with_token(session.access_token)
        return Person(Caller(session.account.id, session.id), client, person.email)


class Door:
    """An ASGI application whose inside is exchanged from test to test, so that one server serves them all."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.inside: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.inside is not None
        await self.inside(scope, receive, send)


class QuietServer(uvicorn.Server):
    """Leaves the signal handlers to pytest."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


@asynccontextmanager
async def open_door(protocol: type[asyncio.Protocol] | None = None) -> AsyncGenerator[Door, None]:
    """A server on a free loopback port in this event loop; `protocol` is in place of uvicorn's own for HTTP."""
    listener = socket.create_server(("127.0.0.1", 0))
    door = Door(f"http://127.0.0.1:{listener.getsockname()[1]}")
    config = uvicorn.Config(
        door,
        lifespan="off",
        http=protocol or "auto",
        ws=PushingProtocol,
        ws_max_size=256 * 1024,
        log_config=None,
        access_log=False,
        proxy_headers=False,
    )
    server = QuietServer(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield door
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def open_api(
    world: World,
    door: Door,
    schema: strawberry.Schema,
    *,
    services: Services | None = None,
    checks: Mapping[str, Check] | None = None,
    policy: EdgePolicy = POLICY,
    keeps_texts: bool = False,
) -> AsyncGenerator[Api, None]:
    """The application as the API program builds it; `services` and `checks` replace those of the world."""

    @asynccontextmanager
    async def opening() -> AsyncGenerator[Running, None]:
        callers = world.get(Authentication)
        yield Running(
            services=services or world.kit.services,
            authenticate=callers.caller_of,
            live_among=callers.live_among,
            as_unavailable=mongo.as_unavailable,
            buckets=world.kit.buckets,
            safelist=world.get(OperationSafelist),
            usage=world.get(PartnerUsage),
            texts=world.kit.texts if keeps_texts else None,
            changes=world.kit.changes,
            hearers=[world.get(ListPlaces)],
            checks=checks or {},
        )

    app = build_app(schema, PRICES, ROUTES, opening, policy, BARE_ROUTES)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://cadenza.example") as http,
    ):
        door.inside = app
        yield Api(world, app, http, door.base_url)
