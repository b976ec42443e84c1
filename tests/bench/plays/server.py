"""One process that takes reports: `python -m tests.bench.plays.server MONGO REDIS DATABASE`.

`/plays` is ours. `/usual` does what is usually done: one update in MongoDB for each report, with the same tickets and
the same reading of bodies. Prints a line of JSON with its port and many addresses, and serves until it is killed.
"""

import json
import sys
from datetime import timedelta
from typing import Any

import uvloop
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import Receive, Scope, Send

from adapters import mongo
from adapters.jose_tokens import JoseTokenSigner
from adapters.local_buckets import LocalBuckets
from adapters.meters.plays import PrometheusPlayMeter
from adapters.redis import connection as redis_connection
from adapters.redis.plays.log import RedisPlayLog
from bootstrap.settings import LogSettings, read
from domain.kit.clock import SystemClock
from domain.kit.ids import new_id
from domain.kit.rate_limit import Bucket, Charge
from domain.kit.registry import Services
from domain.kit.trust.credentials import KeyRing
from domain.plays.services.gate import PlayGate
from domain.plays.services.intake import PlayIntake
from domain.plays.services.tickets import Played, PlayTickets
from graphql_api.core.transport.bare import BareRoutesMiddleware
from graphql_api.core.transport.patient_protocol import patient_protocol
from graphql_api.plays.http import read_reports, report_plays
from tests.bench.edge.server import serve

LISTENS = 20_000
TRACKS = 1_000
SECONDS = 180.0
# All of the load comes from one address.
WIDE = Bucket(capacity=10**9, restore_per_second=1e6)


class WideBuckets(LocalBuckets):
    """As much work as the usual ones, without their limits."""

    async def charge(self, key: str, points: int, bucket: Bucket) -> Charge:
        return await super().charge(key, points, WIDE)


def usual(listens: Any, tickets: PlayTickets) -> Any:
    """The application that updates the listen in MongoDB with each report."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        ticket = tickets.read(scope["path"].removeprefix("/usual/"))
        assert ticket is not None
        for report in await read_reports(scope, receive, 0):
            change = {"$max": {"position": report.position_ms}, "$inc": {"reports": 1}}
            first = {"track_id": ticket.track_id, "listener_id": ticket.listener_id}
            await listens.update_one({"_id": ticket.listen_id}, {**change, "$setOnInsert": first}, upsert=True)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return answer


async def main(mongo_url: str, redis_url: str, database: str) -> None:
    clock = SystemClock()
    signer = JoseTokenSigner(KeyRing.of("a secret of thirty-two characters"), clock)
    tickets = PlayTickets(signer, clock, "", timedelta(hours=1))
    intake = PlayIntake(RedisPlayLog(redis_connection.connect(redis_url)), PrometheusPlayMeter(), clock)
    services = Services()
    for service in (tickets, intake, PlayGate(WideBuckets())):
        services.add(service)
    client = mongo.connect(mongo_url)
    routes = {"plays": report_plays, "usual": usual(client[database]["listens"], tickets)}
    app = Starlette(middleware=[Middleware(BareRoutesMiddleware, routes, origins=(), over_https=False)])
    app.state.services, app.state.proxies = services, ()
    _, _, port = await serve(app, patient_protocol(5.0), "none")
    tracks = [Played(new_id(), new_id(), new_id(), SECONDS) for _ in range(TRACKS)]
    paths = [tickets.report_url(new_id(), tracks[number % TRACKS]) for number in range(LISTENS)]
    sys.stdout.write(json.dumps({"port": port, "paths": paths}) + "\n")
    sys.stdout.flush()
    await intake.run()


if __name__ == "__main__":
    read(LogSettings).apply()
    uvloop.run(main(*sys.argv[1:4]))
