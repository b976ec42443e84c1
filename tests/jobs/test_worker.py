"""The worker's loop on a real Redis: pick-up, rest, drain, workers that die, and Redis going away."""

import asyncio
import os
import signal
import statistics
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from arq.connections import ArqRedis

from adapters import arq_connection
from adapters.fair_queue.hands import Hands
from adapters.fair_queue.policy import FairPolicy
from adapters.fair_queue.queue import RedisFairQueue
from deploy.embedded import Endpoints
from domain.kit.errors import DependencyUnavailable
from domain.kit.ids import new_id
from domain.kit.queue import QueueName, Ticket
from jobs.core.worker import PatientWorker, build_worker
from tests.conftest import RunningStack
from tests.faults.harm import pid_of

KIND = "note_the_time"
IMPATIENT = FairPolicy(hold_seconds=1.0)
KEEP_SECONDS = 0.25

Function = Callable[..., Awaitable[None]]


def ticket(attempt: int = 1, owner: str = "ada", concurrency: int = 100) -> Ticket:
    return Ticket(KIND, new_id(), attempt, owner, QueueName.STANDARD, 1.0, 1.0, concurrency)


@pytest.fixture
async def redis(endpoints: Endpoints) -> AsyncGenerator[ArqRedis, None]:
    """A database of its own, so that no other worker takes these jobs."""
    client = arq_connection.connect(endpoints.redis_url.rsplit("/", 1)[0] + "/7")
    await client.flushdb()
    yield client
    await client.aclose()


@pytest.fixture
def queue(redis: ArqRedis) -> RedisFairQueue:
    return RedisFairQueue(redis, IMPATIENT)


@asynccontextmanager
async def working(redis: ArqRedis, function: Function, at_once: int = 4) -> AsyncGenerator[PatientWorker, None]:
    """A worker that runs until the block ends."""
    functions: list[Any] = [(KIND, function)]
    hands = Hands(RedisFairQueue(redis, IMPATIENT), new_id(), KEEP_SECONDS)
    worker = build_worker(redis, hands, functions, {}, at_once)
    task = asyncio.create_task(worker.async_run())
    try:
        yield worker
    finally:
        while not task.done():
            # more than once: a driver can swallow a cancellation that meets it in mid-read
            task.cancel()
            await asyncio.wait({task}, timeout=1)
        await asyncio.gather(task, *worker.tasks.values(), return_exceptions=True)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().remove_signal_handler(number)


class Work:
    """A function for a worker that takes `seconds`; remembers when what began, and what ended."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.began: asyncio.Queue[tuple[str, float]] = asyncio.Queue()
        self.ended: list[str] = []
        self._ends: asyncio.Queue[str] = asyncio.Queue()
        self.most_at_once = 0
        self._now = 0

    async def __call__(self, ctx: dict[Any, Any], job_id: str, attempt: int) -> None:
        self.began.put_nowait((job_id, time.perf_counter()))
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            await asyncio.sleep(self.seconds)
            self._ends.put_nowait(job_id)
        finally:
            self._now -= 1

    def function(self) -> Function:
        """arq takes functions only."""

        async def work(ctx: dict[Any, Any], job_id: str, attempt: int) -> None:
            await self(ctx, job_id, attempt)

        return work

    async def next_began(self) -> str:
        return (await asyncio.wait_for(self.began.get(), 10))[0]

    async def until_ended(self, count: int) -> None:
        while len(self.ended) < count:
            self.ended.append(await asyncio.wait_for(self._ends.get(), 10))


async def test_a_job_is_picked_up_in_milliseconds(redis: ArqRedis, queue: RedisFairQueue) -> None:
    work = Work()
    waits = []
    async with working(redis, work.function()):
        for _ in range(20):
            await asyncio.sleep(0.01)
            sent = time.perf_counter()
            await queue.enqueue(ticket())
            _, began = await asyncio.wait_for(work.began.get(), 5)
            waits.append(began - sent)
    # a bound that only a loop which sleeps through the call would miss
    assert statistics.median(waits) < 0.5


async def test_a_deferred_job_waits_and_then_runs(redis: ArqRedis, queue: RedisFairQueue) -> None:
    work = Work()
    async with working(redis, work.function()):
        await asyncio.sleep(0.1)
        await queue.enqueue(ticket(attempt=2), timedelta(seconds=1.5))
        await asyncio.sleep(1.0)
        assert work.began.empty()
        await work.next_began()


async def test_a_full_worker_takes_the_next_job_when_one_ends(redis: ArqRedis, queue: RedisFairQueue) -> None:
    # given a worker with one hand, and three jobs of which the calls came while it was busy
    work = Work(0.2)
    sent = [ticket() for _ in range(3)]
    async with working(redis, work.function(), at_once=1):
        for message in sent:
            await queue.enqueue(message)
        await work.until_ended(3)
    assert work.ended == [message.job_id for message in sent]
    assert work.most_at_once == 1


async def test_a_call_reaches_every_idle_worker_that_is_needed(redis: ArqRedis, queue: RedisFairQueue) -> None:
    # given three sleeping workers with one hand each
    work = Work(0.5)
    async with (
        working(redis, work.function(), at_once=1),
        working(redis, work.function(), at_once=1),
        working(redis, work.function(), at_once=1),
    ):
        await asyncio.sleep(0.3)
        # when three jobs come together
        await asyncio.gather(*(queue.enqueue(ticket()) for _ in range(3)))
        # then they are done together
        await work.until_ended(3)
    assert work.most_at_once == 3


async def test_an_owner_at_the_limit_waits_for_the_own_job_on_another_worker(
    redis: ArqRedis, queue: RedisFairQueue
) -> None:
    work = Work(0.2)
    async with working(redis, work.function()), working(redis, work.function()):
        await asyncio.sleep(0.1)
        for _ in range(4):
            await queue.enqueue(ticket(concurrency=1))
        await work.until_ended(4)
    assert work.most_at_once == 1


async def test_a_worker_that_dies_between_taking_and_beginning_loses_nothing(
    redis: ArqRedis, queue: RedisFairQueue
) -> None:
    # given a worker that was killed with a message in its hand
    sent = ticket(concurrency=1)
    await queue.enqueue(sent)
    assert len((await queue.take(1)).handed) == 1
    # then another one, idle all the time, does it soon after the hold has ended
    work = Work()
    async with working(redis, work.function()):
        await asyncio.sleep(0.5)
        assert work.began.empty()
        assert await work.next_began() == sent.job_id


async def test_a_long_job_stays_with_its_worker(redis: ArqRedis, queue: RedisFairQueue) -> None:
    # given a job that takes longer than a message is held for a silent worker
    work = Work(2.5)
    async with working(redis, work.function()), working(redis, work.function()):
        await queue.enqueue(ticket())
        await work.until_ended(1)
        await asyncio.sleep(0.2)
    assert work.began.qsize() == 1


async def test_a_running_job_counts_again_after_redis_was_emptied(redis: ArqRedis, queue: RedisFairQueue) -> None:
    work = Work(1.5)
    first, second = ticket(concurrency=1), ticket(concurrency=1)
    async with working(redis, work.function()):
        await queue.enqueue(first)
        assert await work.next_began() == first.job_id
        # when everything in Redis is lost, and the jobs are sent again
        await redis.flushall()
        await asyncio.sleep(2 * KEEP_SECONDS)
        await queue.enqueue(first)
        await queue.enqueue(second)
        # then the owner's second waits for the first, and the first is not done twice
        await work.until_ended(2)
    assert work.ended == [first.job_id, second.job_id]
    assert work.most_at_once == 1


async def test_a_drained_worker_ends_its_jobs_and_takes_no_more(redis: ArqRedis, queue: RedisFairQueue) -> None:
    work = Work(0.5)
    first, second = ticket(), ticket()
    async with working(redis, work.function()) as worker:
        await queue.enqueue(first)
        await work.next_began()
        # when it is told to stop, and more work comes
        worker.handle_sig_wait_for_completion(signal.SIGTERM)
        await queue.enqueue(second)
        # then it ends what it has, ends itself without waiting for a call, and has given up its slots
        started = time.perf_counter()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.shield(_main_task(worker))
        assert 0.1 < time.perf_counter() - started < 2.5
    await work.until_ended(1)
    assert work.ended == [first.job_id]
    assert [handed.ticket for handed in (await queue.take(5)).handed] == [second]
    assert (await queue.backlog()).slots == 0


def _main_task(worker: PatientWorker) -> asyncio.Task[None]:
    assert worker.main_task is not None
    return worker.main_task


async def test_the_loop_outlives_redis(redis: ArqRedis, queue: RedisFairQueue, running_stack: RunningStack) -> None:
    # given a worker whose Redis is killed while a job runs
    work = Work(1.0)
    async with working(redis, work.function()):
        await queue.enqueue(ticket())
        await work.next_began()
        os.kill(pid_of(running_stack.stack, "redis"), signal.SIGKILL)
        # when Redis is back and there is work
        async with asyncio.timeout(20):
            job_id = await _enqueue_patiently(queue)
            # then the same worker does it
            while await work.next_began() != job_id:
                pass


async def _enqueue_patiently(queue: RedisFairQueue) -> str:
    message = ticket()
    while True:
        try:
            await queue.enqueue(message)
        except DependencyUnavailable:
            await asyncio.sleep(0.2)
        else:
            return message.job_id


async def test_a_message_that_could_not_be_begun_waits_again(redis: ArqRedis, queue: RedisFairQueue) -> None:
    # given a worker whose next job breaks off before its function, as it does when Redis answers with an error
    work = Work()
    sent = ticket(concurrency=1)
    await redis.set(f"arq:retry:{sent.job_id}:1", "not a number")
    async with working(redis, work.function()):
        await queue.enqueue(sent)
        # then it is handed out again
        assert await work.next_began() == sent.job_id
        await work.until_ended(1)


async def test_a_function_that_fails_frees_the_hand(redis: ArqRedis, queue: RedisFairQueue) -> None:
    failed = asyncio.Event()

    async def fail(ctx: dict[Any, Any], job_id: str, attempt: int) -> None:
        failed.set()
        raise ValueError("broken")

    async with working(redis, fail, at_once=1):
        for _ in range(3):
            failed.clear()
            await queue.enqueue(ticket(concurrency=1))
            await asyncio.wait_for(failed.wait(), 5)
    assert sum((await queue.backlog()).waiting.values()) == 0
