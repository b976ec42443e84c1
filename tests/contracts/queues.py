"""Both fair queues behind one type, on a clock that a test turns."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from adapters import arq_connection
from adapters.fair_queue.handed import Hand, Handed
from adapters.fair_queue.queue import RedisFairQueue
from adapters.memory.queue import MemoryJobQueue
from domain.kit.ids import new_id
from domain.kit.queue import JobQueue, QueueName, Ticket

KIND = "generate_track"
START_MS = 1_790_000_000_000


@dataclass
class TestClock:
    """Milliseconds that only pass when a test says so."""

    __test__ = False
    ms: int = START_MS

    def __call__(self) -> int:
        return self.ms

    def advance(self, seconds: float) -> None:
        self.ms += round(seconds * 1000)


class FairQueue(JobQueue, Protocol):
    """The port together with a worker's end."""

    async def take(self, free: int) -> Hand: ...

    async def keep(self, worker: str, slots: int, tickets: Sequence[Ticket]) -> object: ...

    async def release(self, ticket: Ticket, again: bool = False) -> None: ...


@dataclass
class QueueUnderTest:
    """A queue and its clock."""

    queue: FairQueue
    clock: TestClock

    async def put(self, *tickets: Ticket, delay: float = 0.0) -> None:
        for ticket in tickets:
            await self.queue.enqueue(ticket, timedelta(seconds=delay))

    async def take(self, free: int = 1) -> list[Ticket]:
        return [handed.ticket for handed in await self.take_handed(free)]

    async def take_handed(self, free: int = 1) -> list[Handed]:
        return list((await self.queue.take(free)).handed)

    async def work_off(self) -> list[Ticket]:
        """Takes and ends one after the other until nothing can be taken."""
        done = []
        while tickets := await self.take():
            done += tickets
            await self.queue.release(tickets[0])
        return done


def ticket(
    owner: str = "ada",
    queue: QueueName = QueueName.STANDARD,
    cost: float = 10.0,
    weight: float = 1.0,
    concurrency: int = 1000,
    job_id: str = "",
    attempt: int = 1,
) -> Ticket:
    """A ticket whose owner is not held back unless the test wants it."""
    return Ticket(KIND, job_id or new_id(), attempt, owner, queue, cost, weight, concurrency)


@asynccontextmanager
async def redis_queue(url: str) -> AsyncGenerator[QueueUnderTest, None]:
    """On an emptied database."""
    redis = arq_connection.connect(url)
    clock = TestClock()
    try:
        await redis.flushdb()
        yield QueueUnderTest(RedisFairQueue(redis, now=clock), clock)
    finally:
        await redis.aclose()


def memory_queue() -> QueueUnderTest:
    clock = TestClock()
    return QueueUnderTest(MemoryJobQueue(now=clock), clock)
