"""`make bench-plays`: taking and counting reports beside one update in MongoDB for each. Judges nothing.

Servers of its own run in a temporary folder. Speeds are reports per second of CPU time: of the process alone, and with
the CPU time that Redis and MongoDB spend on it.
"""

import asyncio
import contextlib
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import uvloop
from redis.asyncio import Redis
from rich.console import Console
from rich.table import Table

from adapters import mongo
from adapters.memory.changes import MemoryChanges
from adapters.meters.plays import PrometheusPlayMeter
from adapters.mongo import MongoTransactions
from adapters.redis import connection as redis_connection
from adapters.redis.plays.log import STREAM, RedisPlayLog
from adapters.redis.plays.packing import unpacked
from adapters.redis.plays.states import RedisListenStates
from bootstrap.wiring.plays import AREA
from domain.kit.ids import new_id
from domain.plays.model import Receipt, Report, Ticket
from domain.plays.services.count import PlayCounting
from domain.plays.store import PlayStore
from tests.bench.edge.__main__ import databases
from tests.bench.edge.load import cpu_seconds

ROUNDS = 3
CLIENTS = 16
REQUESTS = {1: 12_000, 20: 3_000, 100: 800}
USUAL_REQUESTS = {1: 3_000, 20: 200, 100: 40}
LISTENS = 5_000
BEATS = 19
ENTRY = 500
KILL_AFTER_SECONDS = 2.0
KILLS = 5


@dataclass(frozen=True)
class Spent:
    """CPU seconds of the process, of Redis and of mongod."""

    process: float
    redis: float
    mongod: float

    def since(self, before: "Spent") -> "Spent":
        return Spent(self.process - before.process, self.redis - before.redis, self.mongod - before.mongod)

    @property
    def total(self) -> float:
        return self.process + self.redis + self.mongod


@dataclass(frozen=True)
class Bench:
    redis: Redis
    client: mongo.Client
    urls: tuple[str, str]
    database: str

    async def spent(self, process: float) -> Spent:
        told = await self.redis.info("cpu")
        status = await self.client.admin.command("serverStatus")
        ticks = status["extra_info"]
        mongod = (ticks["user_time_us"] + ticks["system_time_us"]) / 1e6
        return Spent(process, told["used_cpu_user"] + told["used_cpu_sys"], mongod)


@dataclass(frozen=True)
class Server:
    process: asyncio.subprocess.Process
    port: int
    paths: Sequence[str]


@asynccontextmanager
async def server(bench: Bench) -> AsyncGenerator[Server, None]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.plays.server", *bench.urls, bench.database),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=2**24,
    )
    assert process.stdout is not None
    told = json.loads(await process.stdout.readline())
    try:
        yield Server(process, told["port"], told["paths"])
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def request(path: str, first: int, count: int) -> bytes:
    """The bytes of one POST with so many reports, ten seconds apart."""
    told = [
        {"event": "heartbeat", "sequence": each, "positionSeconds": each * 10.0} for each in range(first, first + count)
    ]
    body = orjson.dumps(told)
    head = f"POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: text/plain\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def send_all(port: int, requests: Sequence[bytes]) -> int:
    """One after the other on a connection that is kept; returns how many were answered before it broke."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answered = 0
    try:
        for each in requests:
            writer.write(each)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 204"), head
            answered += 1
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()
    return answered


async def taking(bench: Bench, running: Server, name: str, each: int, count: int) -> tuple[float, float]:
    """Reports per second of CPU, of the process and of all; each request is of another listen."""
    paths = itertools.islice(itertools.cycle(running.paths), count)
    wanted = [request(path.replace("/plays/", f"/{name}/"), 0, each) for path in paths]
    before = await bench.spent(cpu_seconds(running.process.pid))
    async with asyncio.TaskGroup() as group:
        for number in range(CLIENTS):
            group.create_task(send_all(running.port, wanted[number::CLIENTS]))
    # What was gathered last is written by then.
    await asyncio.sleep(0.5)
    spent = (await bench.spent(cpu_seconds(running.process.pid))).since(before)
    await bench.redis.delete(STREAM)
    return count * each / spent.process, count * each / spent.total


async def compare_taking(bench: Bench) -> Table:
    table = Table("reports in a request", "ours, reports/s of CPU", "with servers", "usual", "with servers", "ratio")
    async with server(bench) as running:
        for each in REQUESTS:
            ours = [await taking(bench, running, "plays", each, REQUESTS[each]) for _ in range(ROUNDS)]
            usual = [await taking(bench, running, "usual", each, USUAL_REQUESTS[each]) for _ in range(ROUNDS)]
            alone, all_of_it = (statistics.median(round_[part] for round_ in ours) for part in (0, 1))
            theirs, all_theirs = (statistics.median(round_[part] for round_ in usual) for part in (0, 1))
            ratio = f"{all_of_it / all_theirs:.0f}"
            table.add_row(
                str(each), f"{alone:,.0f}", f"{all_of_it:,.0f}", f"{theirs:,.0f}", f"{all_theirs:,.0f}", ratio
            )
    return table


def listening() -> list[Receipt]:
    """What comes from listeners who hear three minutes at the same time: all first reports, then all second ones."""
    began_ms, tracks = int(time.time() * 1000), [new_id() for _ in range(LISTENS // 20)]
    tickets = [
        Ticket(new_id(), tracks[each % len(tracks)], "owner", None, new_id(), 180_000) for each in range(LISTENS)
    ]
    return [
        Receipt(ticket, "", (Report(beat, beat * 10_000, began_ms + beat * 10_000, beat == BEATS - 1),))
        for beat in range(BEATS)
        for ticket in tickets
    ]


async def counting(bench: Bench) -> Table:
    """The worker's part, in this process."""
    plays, states = RedisPlayLog(bench.redis), RedisListenStates(bench.redis)
    counting = PlayCounting(
        plays, states, PlayStore(), MongoTransactions(bench.client, MemoryChanges()), PrometheusPlayMeter()
    )
    table = Table("counting", "reports/s of CPU", "with servers", "reports/s by the clock", "plays")
    for _ in range(ROUNDS):
        told = listening()
        for start in range(0, len(told), ENTRY):
            assert await plays.append(told[start : start + ENTRY])
        before, started = await bench.spent(time.process_time()), time.perf_counter()
        while await counting.step("bench", 0.01):
            pass
        seconds = time.perf_counter() - started
        spent = (await bench.spent(time.process_time())).since(before)
        collection = bench.client[bench.database]["plays"]
        found = await collection.count_documents({"is_counted": True})
        await collection.delete_many({})
        speeds = [len(told) / each for each in (spent.process, spent.total, seconds)]
        table.add_row("", *(f"{speed:,.0f}" for speed in speeds), f"{found:,} of {LISTENS:,}")
    return table


async def killing(bench: Bench) -> Table:
    """What was answered with 204 and is not in the log."""
    table = Table("kill -9", "answered, reports", "lost", "of so many seconds")
    for _ in range(KILLS):
        async with server(bench) as running:
            wanted = [request(path, 0, 20) for path in running.paths]
            started = time.perf_counter()
            sending = [asyncio.create_task(send_all(running.port, wanted[each::CLIENTS])) for each in range(CLIENTS)]
            await asyncio.sleep(KILL_AFTER_SECONDS)
            running.process.kill()
            seconds = time.perf_counter() - started
            answered = 20 * sum(await asyncio.gather(*sending))
        kept = sum(len(unpacked(data)) for _, fields in await bench.redis.xrange(STREAM) for data in fields.values())
        await bench.redis.delete(STREAM)
        lost = max(0, answered - kept)
        table.add_row("", f"{answered:,}", f"{lost:,}", f"{lost / (answered / seconds):.2f}")
    return table


async def main() -> None:
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        async with databases(Path(folder)) as urls:
            client, database = mongo.connect(urls[0]), "bench_plays"
            await mongo.prepare(client, database, AREA.documents)
            redis = redis_connection.connect(urls[1])
            bench = Bench(redis, client, urls, database)
            for measure in (compare_taking, counting, killing):
                console.print(await measure(bench))
            await redis.aclose()
            await client.close()


if __name__ == "__main__":
    uvloop.run(main())
