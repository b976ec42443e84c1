"""One process with both applications on ports of their own: `python -m tests.bench.edge.server MONGO REDIS FOLDER`.

Both have the same schema, services, database and tokens. Prints one line of JSON, and serves until its input ends.
"""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import strawberry
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from adapters import mongo
from adapters.redis import connection as redis_connection
from adapters.redis.buckets import RedisBuckets
from adapters.redis.events import RedisEventBus
from bootstrap import schema as composed
from bootstrap.areas import AREAS, PRICES
from bootstrap.collector import settle_collector
from bootstrap.settings import LogSettings, read
from domain.accounts.service import AccountService
from domain.kit.caller import UNKNOWN_CLIENT, Caller
from domain.kit.ids import new_id
from domain.kit.rate_limit import Bucket
from domain.kit.trust.authentication import Authentication
from domain.partners.services.safelist import OperationSafelist
from domain.partners.services.usage import PartnerUsage
from graphql_api.core.app import Running, build_app
from graphql_api.core.context import Context
from graphql_api.core.policy import EdgePolicy, SocketLimits
from graphql_api.core.transport.patient_protocol import patient_protocol
from graphql_api.core.transport.pushing_protocol import PushingProtocol
from tests.bench.edge.fan_out import ROUNDS, WATCHED
from tests.bench.edge.load import allow_many_sockets
from tests.bench.edge.queries import TRACKS
from tests.graphql.harness import PASSWORD, QuietServer
from tests.library.factories import add_track
from tests.partners.office import open_office, publish
from tests.world import World, open_world

LIBRARY = 20
# Loads of one caller, far beyond what one may ask for in earnest.
WIDE = Bucket(capacity=10**9, restore_per_second=1e6)


class StockApp(GraphQL[Context, None]):
    """Strawberry's own transport, with our context, so that the same resolvers run."""

    def __init__(self, schema: strawberry.Schema, world: World) -> None:
        super().__init__(schema, subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,))
        self._world = world

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        callers = self._world.get(Authentication)
        context = Context("request", UNKNOWN_CLIENT, self._world.kit.services, callers.caller_of)
        await context.authenticate(request.headers.get("authorization"))
        return context


def our_app(schema: strawberry.Schema, world: World, redis: Any, policy: EdgePolicy) -> Starlette:
    callers = world.get(Authentication)

    @asynccontextmanager
    async def opening() -> AsyncGenerator[Running, None]:
        buckets = RedisBuckets(redis, f"bench:{world.database}:")
        yield Running(
            services=world.kit.services,
            authenticate=callers.caller_of,
            live_among=callers.live_among,
            as_unavailable=mongo.as_unavailable,
            buckets=buckets,
            safelist=world.get(OperationSafelist),
            usage=world.get(PartnerUsage),
            texts=None,
            changes=world.kit.changes,
            hearers=[],
            checks=world.kit.checks,
        )

    return build_app(schema, PRICES, [route for area in AREAS for route in area.routes], opening, policy)


async def serve(app: ASGIApp, http: Any, ws: Any) -> tuple[uvicorn.Server, asyncio.Task[None], int]:
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    config = uvicorn.Config(
        app,
        lifespan="on",
        http=http,
        ws=ws,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        # Now and then strawberry's handler goes on watching for a client that is gone.
        timeout_graceful_shutdown=5,
    )
    server = QuietServer(config)
    return server, asyncio.create_task(server.serve(sockets=[listener])), listener.getsockname()[1]


async def person(world: World) -> str:
    """The token of somebody with a library."""
    session = await world.get(AccountService).sign_up("ada@cadenza.example", PASSWORD, "Ada")
    for number in range(LIBRARY):
        await add_track(world, Caller(session.account.id), f"Track {number}")
    return session.access_token


async def partner(world: World, schema: strawberry.Schema) -> str:
    """The key of an organisation that has a library and has registered how to list it."""
    office = await open_office(world)
    await publish(office, schema, TRACKS)
    for number in range(LIBRARY):
        await add_track(world, Caller(office.organisation.id), f"Track {number}")
    return await office.key()


async def watched_jobs(world: World) -> tuple[str, Sequence[Sequence[str]]]:
    """The token of somebody with many jobs, and their ids for each round of both applications."""
    session = await world.get(AccountService).sign_up("bob@cadenza.example", PASSWORD, "Bob")
    job = await world.ask(Caller(session.account.id))
    stored = world.client[world.database]["jobs"]
    record = await stored.find_one({"_id": job.id})
    rounds = [[new_id() for _ in range(WATCHED)] for _ in range(2 * ROUNDS)]
    await stored.insert_many([{**(record or {}), "_id": job, "status": "RUNNING"} for jobs in rounds for job in jobs])
    return session.access_token, rounds


async def main(mongo_url: str, redis_url: str, folder: Path) -> None:
    allow_many_sockets()
    schema, redis = composed.build(), redis_connection.connect(redis_url)
    bus = RedisEventBus(redis)
    async with open_world(mongo_url, folder, bus=bus) as world:
        wide = EdgePolicy(
            open_to_the_curious=True,
            sockets=SocketLimits(per_caller=10**6, per_address=10**6),
            account_bucket=WIDE,
            address_bucket=WIDE,
            partner_bucket=WIDE,
        )
        stock = StockApp(schema, world)
        apps = {
            "ours": our_app(schema, world, redis, wide),
            "forgetful": our_app(schema, world, redis, replace(wide, remembered_bytes=0)),
            "guarded": our_app(schema, world, redis, EdgePolicy(account_bucket=WIDE)),
            "stock": Starlette(routes=[Route("/graphql", stock), WebSocketRoute("/graphql", stock)]),
        }
        usual: tuple[Any, Any] = ("httptools", "websockets-sansio")
        own: tuple[Any, Any] = (patient_protocol(2.0), PushingProtocol)
        served = {name: await serve(app, *(usual if name == "stock" else own)) for name, app in apps.items()}
        ports = {name: port for name, (_, _, port) in served.items()}
        settle_collector()
        told: dict[str, Any] = {
            "ports": ports,
            "token": await person(world),
            "partner_key": await partner(world, schema),
        }
        watcher, jobs = await watched_jobs(world)
        told |= {"watcher": watcher, "jobs": jobs}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)
        for server, task, _ in served.values():
            server.should_exit = True
            await task
        await bus.aclose()
    await redis.aclose()


if __name__ == "__main__":
    read(LogSettings).apply()
    uvloop.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
