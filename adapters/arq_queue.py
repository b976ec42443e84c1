"""The work queue on arq: JSON messages, and ids that contain the attempt so that a retry is never refused."""

import asyncio
from datetime import timedelta

import orjson
from arq.connections import ArqRedis
from redis.asyncio import ConnectionPool

from adapters.redis_connection import SOCKET_TIMEOUT_SECONDS, unavailable_on_failure

QUEUE = "cadenza:jobs"
# A list of wake-up calls: a worker waits on it instead of looking into the queue again and again.
WAKE = "cadenza:jobs:wake"
MAX_WAKE_CALLS = 100
# A job is durable before it is enqueued, so nobody has to wait long for a Redis that does not answer.
ENQUEUE_SECONDS = 2.0


def connect(url: str) -> ArqRedis:
    """An arq client that speaks JSON; closing it closes its connections."""
    pool: ConnectionPool = ConnectionPool.from_url(
        url, socket_connect_timeout=2.0, socket_timeout=SOCKET_TIMEOUT_SECONDS, health_check_interval=15
    )
    redis = ArqRedis(
        pool_or_conn=pool,
        job_serializer=orjson.dumps,
        job_deserializer=orjson.loads,
        default_queue_name=QUEUE,
    )
    # A pool that is handed over counts as somebody else's, so redis-py would leave it open.
    redis.auto_close_connection_pool = True
    return redis


class ArqJobQueue:
    """Messages `(job id, attempt)` for the function named like the job's kind."""

    def __init__(self, redis: ArqRedis) -> None:
        self._redis = redis

    async def enqueue(self, kind: str, job_id: str, attempt: int, delay: timedelta = timedelta()) -> None:
        with unavailable_on_failure():
            async with asyncio.timeout(ENQUEUE_SECONDS):
                await self._redis.enqueue_job(
                    kind, job_id, attempt, _job_id=f"{job_id}:{attempt}", _defer_by=delay or None
                )
                async with self._redis.pipeline(transaction=False) as calls:
                    calls.lpush(WAKE, b"1")
                    calls.ltrim(WAKE, 0, MAX_WAKE_CALLS - 1)
                    await calls.execute()
