"""`python -m tests.bench.edge`: two applications asked in turn; prints tables, judges nothing.

Both live in one server process with servers of their own, share schema, resolvers, databases and collector, and are
asked the same by the same clients, so that what else the machine does falls on both. Speeds are requests per second of
the server's CPU time; a ratio is that of two rounds that followed each other, and the median is told.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bootstrap import schema as composed
from bootstrap.areas import PRICES
from deploy.embedded.mongo import MongoServer
from deploy.embedded.ports import choose_ports
from deploy.embedded.redis_server import RedisServer
from deploy.embedded.supervisor import Supervisor
from graphql_api.core.documents.prices import PriceList
from graphql_api.core.documents.reading import Documents
from graphql_api.core.policy import DocumentLimits
from graphql_api.core.refusals import Refusal
from tests.bench.edge.fan_out import FanOut, Watched, fan_out
from tests.bench.edge.load import Answers, cpu_seconds, keep_asking, post, request, send_half
from tests.bench.edge.queries import TRACKS, VIEWER
from tests.graphql.test_limits import HOSTILE, doubling

ROUNDS = 5
CLIENTS = 8
ATTACKERS = 8
HALF_BODIES = 100
INNOCENTS = 4
ATTACK_REQUESTS = 150
LEVELS = (10, 20, 30, 40, 50, 60)


@dataclass(frozen=True)
class Bench:
    """The server under measurement."""

    pid: int
    ports: dict[str, int]
    token: str
    partner_key: str
    watched: Watched


@asynccontextmanager
async def databases(root: Path) -> AsyncGenerator[tuple[str, str], None]:
    """The addresses of a MongoDB and a Redis."""
    ports = choose_ports(["mongod", "redis"], {})
    mongo, redis = MongoServer(root / "mongo", ports["mongod"]), RedisServer(root / "redis", ports["redis"])
    supervisor = Supervisor(root / "logs")
    await supervisor.start([mongo.spec(), redis.spec()])
    try:
        yield mongo.url, redis.url
    finally:
        await supervisor.stop()


@asynccontextmanager
async def server(mongo_url: str, redis_url: str, folder: Path) -> AsyncGenerator[Bench, None]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.edge.server",
        mongo_url,
        redis_url,
        str(folder),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    told = json.loads(await process.stdout.readline())
    try:
        watched = Watched(process.pid, told["watcher"], told["jobs"], redis_url)
        yield Bench(process.pid, told["ports"], told["token"], told["partner_key"], watched)
    finally:
        process.stdin.close()
        await process.wait()


async def cpu_of(bench: Bench, app: str, sent: bytes, each: int) -> float:
    """Milliseconds of CPU per request."""
    answers = Answers()
    before = cpu_seconds(bench.pid)
    async with asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(keep_asking(bench.ports[app], [sent], answers, each))
    assert set(answers.statuses) == {"200"}, answers.statuses
    return (cpu_seconds(bench.pid) - before) * 1000 / len(answers.seconds)


@dataclass(frozen=True)
class Asked:
    """The same question for both; `app` is ours, and `each` how often a client asks in a round."""

    name: str
    to_ours: bytes
    to_stock: bytes
    each: int
    app: str = "ours"


def questions(bench: Bench) -> Sequence[Asked]:
    """Strawberry's own knows no registered operations and gets the text."""
    registered = post({"documentId": sha256(TRACKS.encode()).hexdigest()}, bench.partner_key)
    tracks, same = request(TRACKS, bench.partner_key), request(TRACKS, bench.token)
    return [
        Asked("viewer, anonymous", request(VIEWER), request(VIEWER), 150),
        Asked("viewer, signed in", request(VIEWER, bench.token), request(VIEWER, bench.token), 100),
        Asked("20 tracks with 10 fields, read each time", same, same, 15, "forgetful"),
        Asked("the same, registered, read each time", registered, tracks, 15, "forgetful"),
        Asked("the same, registered, while nothing changes", registered, tracks, 60),
    ]


async def compare(bench: Bench) -> Table:
    """Each query on both applications in turn."""
    table = Table("query", "ours, ms CPU", "stock, ms CPU", "ours, requests/s", "ratio", "ratios of rounds")
    for asked in questions(bench):
        ours, stock = [], []
        for _ in range(ROUNDS + 1):
            ours.append(await cpu_of(bench, asked.app, asked.to_ours, asked.each))
            stock.append(await cpu_of(bench, "stock", asked.to_stock, asked.each))
        # The first round warms up.
        ratios = sorted(two / one for one, two in zip(ours[1:], stock[1:], strict=True))
        one, two = statistics.median(ours[1:]), statistics.median(stock[1:])
        told = f"{ratios[0]:.1f} to {ratios[-1]:.1f}"
        row = (f"{one:.3f}", f"{two:.3f}", f"{1000 / one:.0f}", f"{statistics.median(ratios):.1f}", told)
        table.add_row(asked.name, *row)
    return table


async def watch(bench: Bench) -> Table:
    """The same number of sockets on each application in turn, which watch the same jobs."""
    table = Table("2,000 sockets watch 200 jobs", "messages/s of CPU", "arrived", "p50, ms", "p99, ms", "ratio")
    found: dict[str, list[FanOut]] = {app: [] for app in ("ours", "stock")}
    for number, jobs in enumerate(bench.watched.jobs):
        app = ("ours", "stock")[number % 2]
        found[app].append(await fan_out(bench.ports[app], bench.watched, jobs))
    pairs = list(zip(found["ours"], found["stock"], strict=True))
    ratios = [one.messages_per_cpu_second / two.messages_per_cpu_second for one, two in pairs]
    for app, results in found.items():
        speed = statistics.median(one.messages_per_cpu_second for one in results)
        arrived = statistics.median(one.arrived for one in results)
        p50, p99 = (statistics.median(one.delay(share) for one in results) * 1000 for share in (0.5, 0.99))
        ratio = f"{statistics.median(ratios):.1f}" if app == "ours" else ""
        table.add_row(app, f"{speed:.0f}", f"{arrived:.0%}", f"{p50:.0f}", f"{p99:.0f}", ratio)
    return table


async def innocent(bench: Bench, app: str) -> Answers:
    """People who ask small things, one after the other."""
    answers = Answers()
    async with asyncio.TaskGroup() as group:
        for _ in range(INNOCENTS):
            group.create_task(keep_asking(bench.ports[app], [request(VIEWER, bench.token)], answers, ATTACK_REQUESTS))
    return answers


async def attack(bench: Bench, app: str) -> tuple[Answers, Answers]:
    """What the innocent and the attackers get while both ask as fast as they can."""
    hostile = [request(text) for text, _ in HOSTILE.values()]
    attackers = Answers()
    tasks = [asyncio.create_task(keep_asking(bench.ports[app], hostile, attackers)) for _ in range(ATTACKERS)]
    tasks += [asyncio.create_task(send_half(bench.ports[app], request(VIEWER))) for _ in range(HALF_BODIES)]
    try:
        return await innocent(bench, app), attackers
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def defend(bench: Bench) -> Table:
    table = Table("innocent requests, ms", "p50", "p99", "worst", "refused documents", "turned away with 429")
    quiet = await innocent(bench, "ours")
    table.add_row("nobody attacks", *_times(quiet), "", "")
    for app, name in (("guarded", "attackers have the usual budget"), ("ours", "attackers have no budget")):
        answers, attackers = await attack(bench, app)
        refused, away = attackers.statuses.get("200", 0), attackers.statuses.get("429", 0)
        table.add_row(name, *_times(answers), str(refused), str(away))
    return table


def _times(answers: Answers) -> Sequence[str]:
    return [f"{answers.percentile(share) * 1000:.1f}" for share in (0.5, 0.99, 1.0)]


def refuse() -> Table:
    """CPU time until a hostile document is refused, without any transport; the best of three."""
    core = composed.build()._schema
    documents = Documents(core, PriceList(core, PRICES), DocumentLimits(), kept=1)
    table = Table("hostile document", "bytes", "ms CPU", "reach")
    named = {f"{levels} levels of fragments": doubling(levels) for levels in LEVELS}
    named |= {name: text for name, (text, _) in HOSTILE.items() if "doublings" not in name}
    for name, text in named.items():
        table.add_row(name, str(len(text)), f"{min(_refusal(documents, text) for _ in range(3)) * 1000:.2f}", "50")
    return table


def _refusal(documents: Documents, text: str) -> float:
    started = time.process_time()
    try:
        documents.read(text)
    except Refusal:
        return time.process_time() - started
    raise AssertionError("the document was not refused")


async def measure(console: Console) -> None:
    with tempfile.TemporaryDirectory(prefix="cadenza-bench-") as folder:
        root = Path(folder)
        async with databases(root) as (mongo_url, redis_url), server(mongo_url, redis_url, root) as bench:
            console.print(await compare(bench))
            console.print(await watch(bench))
            console.print(await defend(bench))
    console.print(refuse())


if __name__ == "__main__":
    asyncio.run(measure(Console(width=140)))
