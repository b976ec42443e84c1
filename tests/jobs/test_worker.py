"""The worker's loop on a real Redis: pick-up, deferred jobs, and Redis going away."""

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

from adapters import arq_queue
from adapters.arq_queue import ArqJobQueue
from deploy.embedded import Endpoints
from domain.kit.errors import DependencyUnavailable
from domain.kit.ids import new_id
from jobs.core.worker import PatientWorker, build_worker
from tests.conftest import RunningStack
from tests.faults.harm import pid_of

KIND = "note_the_time"


@pytest.fixture
async def redis(endpoints: Endpoints) -> AsyncGenerator[ArqRedis, None]:
    """A database of its own, so that no other worker takes these jobs."""
    client = arq_queue.connect(endpoints.redis_url.rsplit("/", 1)[0] + "/7")
    await client.flushdb()
    yield client
    await client.aclose()


@asynccontextmanager
async def working(
    redis: ArqRedis, function: Callable[..., Awaitable[None]], at_once: int = 4
) -> AsyncGenerator[PatientWorker, None]:
    """A worker that runs until the block ends."""
    functions: list[Any] = [(KIND, function)]
    worker = build_worker(redis, arq_queue.QUEUE, arq_queue.WAKE, functions, {}, at_once)
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


async def test_a_job_is_picked_up_in_milliseconds(redis: ArqRedis) -> None:
    started: asyncio.Queue[float] = asyncio.Queue()

    async def note_the_time(ctx: dict[Any, Any], job_id: str, attempt: int) -> None:
        started.put_nowait(time.perf_counter())

    queue = ArqJobQueue(redis)
    waits = []
    async with working(redis, note_the_time):
        for _ in range(20):
            await asyncio.sleep(0.01)
            sent = time.perf_counter()
            await queue.enqueue(KIND, new_id(), 1)
            waits.append(await asyncio.wait_for(started.get(), 5) - sent)
    # a bound that only a loop which sleeps through the call would miss
    assert statistics.median(waits) < 0.5


async def test_a_deferred_job_waits_and_then_runs(redis: ArqRedis) -> None:
    ran = asyncio.Event()

    async def note_the_time(ctx: dict[Any, Any], job_id: str, attempt: int) -> None:
        ran.set()

    async with working(redis, note_the_time):
        await ArqJobQueue(redis).enqueue(KIND, new_id(), 2, timedelta(seconds=1.5))
        await asyncio.sleep(1.0)
        assert not ran.is_set()
        await asyncio.wait_for(ran.wait(), 5)


async def test_a_full_worker_takes_the_next_job_when_one_ends(redis: ArqRedis) -> None:
    # given a worker with one hand, and three jobs of which the calls came while it was busy
    done: list[str] = []

    async def note_the_time(ctx: dict[Any, Any], job_id: str, attempt: int) -> None:
        await asyncio.sleep(0.2)
        done.append(job_id)

    queue = ArqJobQueue(redis)
    ids = [new_id() for _ in range(3)]
    async with working(redis, note_the_time, at_once=1):
        for job_id in ids:
            await queue.enqueue(KIND, job_id, 1)
        async with asyncio.timeout(8):
            while len(done) < len(ids):
                await asyncio.sleep(0.05)
                assert len(done) <= len(ids)
    assert sorted(done) == ids


async def test_the_loop_outlives_redis(redis: ArqRedis, running_stack: RunningStack) -> None:
    # given a worker whose Redis is killed
    ran = asyncio.Event()

    async def note_the_time(ctx: dict[Any, Any], job_id: str, attempt: int) -> None:
        ran.set()

    async with working(redis, note_the_time):
        await asyncio.sleep(0.2)
        os.kill(pid_of(running_stack.stack, "redis"), signal.SIGKILL)
        # when Redis is back and there is work
        async with asyncio.timeout(20):
            await _enqueue_patiently(redis)
            # then the same worker does it
            await ran.wait()


async def _enqueue_patiently(redis: ArqRedis) -> None:
    job_id = new_id()
    while True:
        try:
            await ArqJobQueue(redis).enqueue(KIND, job_id, 1)
        except DependencyUnavailable:
            await asyncio.sleep(0.2)
        else:
            return


async def test_a_lock_that_a_killed_worker_left_does_not_hold_a_job_for_long(redis: ArqRedis) -> None:
    # given a message that a worker had just taken when it was killed: arq's lock is there, the work is not
    ran = asyncio.Event()

    async def note_the_time(ctx: dict[Any, Any], job_id: str, attempt: int) -> None:
        ran.set()

    job_id = new_id()
    await ArqJobQueue(redis).enqueue(KIND, job_id, 1)
    async with working(redis, note_the_time) as worker:
        # then a lock lasts half a minute, not arq's hour
        assert worker.in_progress_timeout_s == 30
        await asyncio.wait_for(ran.wait(), 5)


async def test_an_error_in_mid_pick_up_gives_the_slot_back(redis: ArqRedis) -> None:
    async def note_the_time(ctx: dict[Any, Any], job_id: str, attempt: int) -> None:
        """Nothing to do."""

    async with working(redis, note_the_time, at_once=2) as worker:
        await asyncio.sleep(0.1)
        # given slots that were taken when Redis broke off
        worker.job_counter = 2
        await worker.sem.acquire()
        await worker.sem.acquire()
        # when the worker counts what really runs
        await worker.recount()
        # then both are free again
        assert worker.job_counter == 0
        assert not worker.sem.locked()
