"""arq set for this work: the order is the fair queue's, pick-up is by call, and the loop outlives Redis."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Protocol

import orjson
import structlog
from arq.connections import ArqRedis
from arq.utils import timestamp_ms
from arq.worker import Worker, func
from prometheus_client import Counter
from redis.exceptions import RedisError

from domain.kit.concurrency import stop
from domain.kit.errors import DependencyUnavailable

log = structlog.get_logger()

QUEUE = "cadenza:jobs"
HEALTH_SECONDS = 10
# arq's own limit is only a net below the leases and deadlines, which are what really ends a job.
ARQ_TIMEOUT_SECONDS = 3600
DRAIN_SECONDS = 25
# A worker with full hands looks up this often for a signal that came meanwhile.
LOOK_UP_SECONDS = 1.0
# The record counts attempts; arq counts how often it was handed the same one, which may happen.
ANY_NUMBER_OF_TRIES = 1_000_000
MAX_PAUSE_SECONDS = 2.0

REDIS_HICCUPS = Counter("cadenza_worker_redis_hiccups_total", "Looks into the queue that failed because of Redis.")

OUT_OF_REACH = (RedisError, OSError, DependencyUnavailable)


class JobFunction(Protocol):
    """What arq calls with its context and our message."""

    __qualname__: str

    async def __call__(self, ctx: dict[Any, Any], *args: Any, **kwargs: Any) -> None: ...


class WorkSource(Protocol):
    """Where a worker's messages come from. All methods may raise `DependencyUnavailable`."""

    @property
    def keep_seconds(self) -> float:
        """How often `keep` wants to be called."""
        ...

    async def take(self, free: int) -> Sequence[str]:
        """Up to `free` messages, by the ids under which arq finds them. Nobody else is given them."""
        ...

    async def release(self, message: str, again: bool = False) -> None:
        """The message is dealt with; with `again` it was not begun and goes back."""
        ...

    async def keep(self, slots: int) -> None:
        """A sign of life: this worker does `slots` jobs at once, and keeps what it took."""
        ...

    async def called(self) -> None:
        """Sleeps until there may be something to take."""
        ...


class PatientWorker(Worker):
    """arq's worker polls its queue, locks message by message, and ends on the first Redis error in its loop.

    This one sleeps until it is called or a job of its own ends, is handed as many messages as it has hands for in one
    step, and waits for Redis to come back. arq still runs the functions, with time limits, health record and drain.
    """

    source: WorkSource
    _pause = 0.0

    async def main(self) -> None:
        keeping = asyncio.create_task(self._keep_what_is_held(), name="sign of life")
        try:
            await super().main()
        finally:
            await stop(keeping)

    async def close(self) -> None:
        """Waits for the jobs that were told to stop, and gives back what did not even begin."""
        if self.tasks:
            await asyncio.wait(self.tasks.values())
        with suppress(*OUT_OF_REACH):
            await self._forget_ended()
        self.tasks.clear()
        await super().close()

    async def _poll_iteration(self) -> None:
        try:
            await self._take()
            await self._forget_ended()
            await self.heart_beat()
            if not self.allow_pick_jobs and not self.tasks:
                # arq cancels its loop once when it has drained, and a driver may have swallowed that.
                raise asyncio.CancelledError
            await self._until_work()
        except OUT_OF_REACH as error:
            REDIS_HICCUPS.inc()
            self._pause = min(MAX_PAUSE_SECONDS, self._pause * 2 or 0.1)
            log.warning("worker_waits_for_redis", reason=str(error)[:200], pause_seconds=self._pause)
            await asyncio.sleep(self._pause)
        else:
            self._pause = 0.0

    async def finish_job(self, job_id: str, *_: Any) -> None:
        """Results are not kept, so there is nothing to write but that the message is dealt with."""
        await self.source.release(job_id)

    async def finish_failed_job(self, job_id: str, result_data: bytes | None) -> None:
        await self.source.release(job_id)

    @property
    def _slots(self) -> int:
        return self.max_jobs if self.allow_pick_jobs else 0

    @property
    def _running(self) -> list[asyncio.Task[Any]]:
        return [task for task in self.tasks.values() if not task.done()]

    async def _take(self) -> None:
        free = self._slots - len(self._running)
        if free <= 0:
            return
        for message in await self.source.take(free):
            if self.allow_pick_jobs:
                # arq would lock it first; it was handed to this worker alone
                self.tasks[message] = self.loop.create_task(self.run_job(message, timestamp_ms()))
            else:
                await self.source.release(message, again=True)

    async def _forget_ended(self) -> None:
        """A task's own error is one of Redis, before the function or after it. Then the message may wait again."""
        for message, task in [(message, task) for message, task in self.tasks.items() if task.done()]:
            if task.cancelled() or task.exception():
                log.warning("message_not_dealt_with", message=message)
                await self.source.release(message, again=True)
            del self.tasks[message]

    async def _until_work(self) -> None:
        """A worker with full hands leaves the calls to others."""
        running = self._running
        if len(running) < self._slots:
            await self.source.called()
            if not self.allow_pick_jobs:
                # this call was meant for somebody who may still take
                await self._keep()
        elif running:
            await asyncio.wait(running, timeout=LOOK_UP_SECONDS, return_when=asyncio.FIRST_COMPLETED)

    async def _keep_what_is_held(self) -> None:
        try:
            while True:
                await self._keep()
                await asyncio.sleep(self.source.keep_seconds)
        finally:
            await self._keep(leaving=True)

    async def _keep(self, leaving: bool = False) -> None:
        try:
            await self.source.keep(0 if leaving else self._slots)
        except OUT_OF_REACH as error:
            log.warning("sign_of_life_missed", reason=str(error)[:200])

    async def _sleep_until_tasks_complete(self) -> None:
        """arq's own looks ten times a second, at a list that is only cleared when the loop comes around."""
        while running := self._running:
            await asyncio.wait(running)


def build_worker(
    redis: ArqRedis,
    source: WorkSource,
    functions: Sequence[tuple[str, JobFunction]],
    context: dict[Any, Any],
    at_once: int,
) -> PatientWorker:
    """A worker for these functions, by the kind of job. It handles SIGTERM by draining."""
    worker = PatientWorker(
        functions=[func(function, name=name, max_tries=ANY_NUMBER_OF_TRIES) for name, function in functions],
        redis_pool=redis,
        queue_name=QUEUE,
        ctx=context,
        max_jobs=at_once,
        poll_delay=0,
        job_timeout=ARQ_TIMEOUT_SECONDS,
        job_completion_wait=DRAIN_SECONDS,
        keep_result=0,
        retry_jobs=False,
        allow_abort_jobs=False,
        health_check_interval=HEALTH_SECONDS,
        job_serializer=orjson.dumps,
        job_deserializer=orjson.loads,
        log_results=False,
    )
    worker.source = source
    return worker
