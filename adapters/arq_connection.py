"""The connection that arq carries messages over: JSON, and bounded waits."""

import orjson
from arq.connections import ArqRedis
from redis.asyncio import ConnectionPool

from adapters.redis.connection import SOCKET_TIMEOUT_SECONDS


def connect(url: str) -> ArqRedis:
    """An arq client that speaks JSON; closing it closes its connections."""
    pool: ConnectionPool = ConnectionPool.from_url(
        url, socket_connect_timeout=2.0, socket_timeout=SOCKET_TIMEOUT_SECONDS, health_check_interval=15
    )
    redis = ArqRedis(pool_or_conn=pool, job_serializer=orjson.dumps, job_deserializer=orjson.loads)
    # A pool that is handed over counts as somebody else's, so redis-py would leave it open.
    redis.auto_close_connection_pool = True
    return redis
