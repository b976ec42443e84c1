"""`make bench-queue`: arq as it comes and the fair queue side by side on one Redis. Judges nothing.

This is the queue alone: nothing is stored in MongoDB, and the jobs do nothing. Both workers run in this process with
ten hands each, which is what arq comes with.
"""

import asyncio
import signal
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop
from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.worker import Worker, func
from rich.console import Console
from rich.table import Table

from adapters import arq_connection
from adapters.fair_queue.hands import Hands
from adapters.fair_queue.queue import RedisFairQueue
from deploy.embedded.ports import choose_ports
from deploy.embedded.redis_server import RedisServer
from deploy.embedded.supervisor import Supervisor
from domain.kit.ids import new_id
from domain.kit.queue import QueueName, Ticket
from jobs.core.worker import build_worker

KIND = "do_nothing"
JOBS = 1000
HANDS = 10
ARRIVALS = 200
ARRIVALS_A_SECOND = 20
ROUNDS = 3

Send = Callable[[str], Awaitable[object]]


@dataclass
class Started:
    """When the function began, by job."""

    at: dict[str, float] = field(default_factory=dict)
    wanted: int = 0
    all_there: asyncio.Event = field(default_factory=asyncio.Event)

    def expect(self, count: int) -> None:
        self.at.clear()
        self.all_there.clear()
        self.wanted = count

    def note(self, job_id: str) -> None:
        self.at[job_id] = time.perf_counter()
        if len(self.at) == self.wanted:
            self.all_there.set()


@dataclass
class Candidate:
    """A queue with a way to send a job and a worker, not yet running, for each measurement."""

    name: str
    redis: ArqRedis
    started: Started
    send: Send
    new_worker: Callable[[], Worker]

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[None, None]:
        worker = self.new_worker()
        running = asyncio.create_task(worker.async_run())
        try:
            yield
        finally:
            while not running.done():
                running.cancel()
                await asyncio.wait({running}, timeout=1)
            await asyncio.gather(running, *worker.tasks.values(), return_exceptions=True)
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().remove_signal_handler(number)


def as_it_comes(redis: ArqRedis, settings: RedisSettings) -> Candidate:
    """arq with nothing set but where Redis is."""
    started = Started()

    async def do_nothing(ctx: dict[Any, Any], job_id: str, attempt: int) -> None:
        started.note(job_id)

    return Candidate(
        "arq as it comes",
        redis,
        started,
        lambda job_id: redis.enqueue_job(KIND, job_id, 1),
        lambda: Worker(functions=[func(do_nothing, name=KIND)], redis_settings=settings),
    )


def ours(redis: ArqRedis) -> Candidate:
    """The fair queue and its worker as the worker program builds them, with arq's number of hands."""
    started = Started()
    queue = RedisFairQueue(redis)

    async def do_nothing(ctx: dict[Any, Any], job_id: str, attempt: int) -> None:
        started.note(job_id)

    return Candidate(
        "the fair queue",
        redis,
        started,
        lambda job_id: queue.enqueue(Ticket(KIND, job_id, 1, job_id[-2:], QueueName.STANDARD, 1.0, 1.0, JOBS)),
        lambda: build_worker(redis, Hands(queue, new_id()), [(KIND, do_nothing)], {}, HANDS),
    )


async def throughput(candidate: Candidate) -> float:
    """Jobs a second: they all wait when the worker starts; until the last of them has begun."""
    await candidate.redis.flushdb()
    candidate.started.expect(JOBS)
    for _ in range(JOBS):
        await candidate.send(new_id())
    started = time.perf_counter()
    async with candidate.working():
        await candidate.started.all_there.wait()
        return JOBS / (time.perf_counter() - started)


async def latencies(candidate: Candidate) -> list[float]:
    """Milliseconds from before the sending of a job to the beginning of its function, sorted."""
    await candidate.redis.flushdb()
    candidate.started.expect(ARRIVALS)
    sent: dict[str, float] = {}
    async with candidate.working():
        await asyncio.sleep(1)
        for _ in range(ARRIVALS):
            job_id = new_id()
            sent[job_id] = time.perf_counter()
            await candidate.send(job_id)
            await asyncio.sleep(1 / ARRIVALS_A_SECOND)
        await candidate.started.all_there.wait()
    return sorted((candidate.started.at[job_id] - moment) * 1000 for job_id, moment in sent.items())


@asynccontextmanager
async def lone_redis() -> AsyncGenerator[str, None]:
    """A Redis of the kind the stack starts, and nothing else."""
    with tempfile.TemporaryDirectory(prefix="cadenza-bench-") as folder:
        server = RedisServer(Path(folder) / "redis", choose_ports(["redis"], {})["redis"])
        (Path(folder) / "logs").mkdir()
        supervisor = Supervisor(Path(folder) / "logs")
        await supervisor.start([server.spec()])
        try:
            yield server.url
        finally:
            await supervisor.stop()


async def measure() -> Table:
    table = Table("what", "arq as it comes", "the fair queue", "ratio")
    async with lone_redis() as url:
        settings = RedisSettings.from_dsn(url)
        stock = as_it_comes(await create_pool(settings), settings)
        fair = ours(arq_connection.connect(url))
        rates = [(await throughput(stock), await throughput(fair)) for _ in range(ROUNDS)]
        waits = [await latencies(stock), await latencies(fair)]
        await stock.redis.aclose()
        await fair.redis.aclose()
    theirs, our = (statistics.median(rate) for rate in zip(*rates, strict=True))
    table.add_row(f"{JOBS} waiting jobs, begun a second", f"{theirs:.0f}", f"{our:.0f}", f"{our / theirs:.1f} times")
    for name, index in (("median", ARRIVALS // 2), ("99th percentile", ARRIVALS * 99 // 100)):
        late, soon = (wait[index] for wait in waits)
        what = f"{ARRIVALS_A_SECOND} arrivals a second, sent to begun, {name}"
        table.add_row(what, f"{late:.1f} ms", f"{soon:.2f} ms", f"1/{late / soon:.0f}")
    return table


if __name__ == "__main__":
    console = Console(width=120)
    console.print(f"The queue alone, without MongoDB: jobs that do nothing, {HANDS} hands, one process, one Redis …")
    console.print(uvloop.run(measure()))
