"""Redis connections, and which errors mean that it is out of reach."""

from types import TracebackType

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from domain.kit.errors import DependencyUnavailable

# Longer than any blocking read that is made through such a connection.
SOCKET_TIMEOUT_SECONDS = 10.0


def connect(url: str) -> Redis:
    """A client with a pool; it connects on first use."""
    redis: Redis = Redis.from_url(
        url,
        socket_connect_timeout=2.0,
        socket_timeout=SOCKET_TIMEOUT_SECONDS,
        health_check_interval=15,
        retry=Retry(NoBackoff(), 1),
    )
    return redis


class unavailable_on_failure:
    """Turns connection trouble into `DependencyUnavailable`."""

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, RedisError | OSError | TimeoutError):
            raise DependencyUnavailable("Redis", str(error)[:200]) from error


async def ping(redis: Redis) -> None:
    with unavailable_on_failure():
        await redis.ping()
