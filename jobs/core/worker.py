"""arq set for this work: JSON, pick-up by wake-up call, no kept results, and a loop that outlives Redis."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

import orjson
import structlog
from arq.connections import ArqRedis
from arq.worker import Worker, func
from prometheus_client import Counter
from redis.exceptions import RedisError

log = structlog.get_logger()

# Without a wake-up call (a deferred job, a call that another worker took) the queue is looked at this often.
LOOK_SECONDS = 1
HEALTH_SECONDS = 10
# arq's own limit is only a net below the leases and deadlines, which are what really ends a job.
ARQ_TIMEOUT_SECONDS = 3600
DRAIN_SECONDS = 25
# arq's own lock only has to cover the way from the queue to our lease. If it outlives a worker that was killed on
# that way, everybody leaves the message alone; if it ends during the work, the lease refuses the second pick-up.
PICK_UP_LOCK_SECONDS = 30
MAX_PAUSE_SECONDS = 2.0

REDIS_HICCUPS = Counter("cadenza_worker_redis_hiccups_total", "Polls of the queue that failed because of Redis.")


class JobFunction(Protocol):
    """What arq calls with its context and our message."""

    __qualname__: str

    async def __call__(self, ctx: dict[Any, Any], *args: Any, **kwargs: Any) -> None: ...


class PatientWorker(Worker):
    """arq's worker looks into the queue all the time and ends on the first Redis error in its loop.

    This one sleeps until it is called or a job of its own ends, and waits for Redis to come back.
    """

    wake_list: str
    _pause = 0.0

    async def _poll_iteration(self) -> None:
        try:
            await super()._poll_iteration()
            if not self.allow_pick_jobs and not self.tasks:
                # arq cancels its loop once when it has drained, and a driver may have swallowed that.
                raise asyncio.CancelledError
            await self._until_work()
        except (RedisError, OSError) as error:
            REDIS_HICCUPS.inc()
            self._pause = min(MAX_PAUSE_SECONDS, self._pause * 2 or 0.1)
            log.warning("worker_waits_for_redis", reason=str(error)[:200], pause_seconds=self._pause)
            await asyncio.sleep(self._pause)
            await self.recount()
        else:
            self._pause = 0.0

    async def recount(self) -> None:
        """arq takes a slot before it asks Redis and keeps it when the answer is an error; free those again."""
        self.job_counter = sum(not task.done() for task in self.tasks.values())
        self.sem = asyncio.BoundedSemaphore(self.max_jobs + 1)
        for _ in range(self.job_counter):
            await self.sem.acquire()

    async def _until_work(self) -> None:
        """A worker with full hands leaves the calls to others."""
        if self.job_counter < self.max_jobs or not self.tasks:
            call: Any = self.pool.blpop([self.wake_list], timeout=LOOK_SECONDS)
            await call
        else:
            await asyncio.wait(self.tasks.values(), timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)


def build_worker(
    redis: ArqRedis,
    queue: str,
    wake_list: str,
    functions: Sequence[tuple[str, JobFunction]],
    context: dict[Any, Any],
    at_once: int,
) -> PatientWorker:
    """A worker for these functions, by the kind of job. It handles SIGTERM by draining."""
    worker = PatientWorker(
        functions=[func(function, name=name, max_tries=1) for name, function in functions],
        redis_pool=redis,
        queue_name=queue,
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
    worker.wake_list = wake_list
    worker.in_progress_timeout_s = PICK_UP_LOCK_SECONDS
    return worker
