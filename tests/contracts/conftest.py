"""A Redis database that nobody else in this run writes to: workers of other tests poll the usual one."""

import pytest
from redis.asyncio import Redis

from adapters.redis import connection as redis_connection
from deploy.embedded import Endpoints

DATABASE = 9


@pytest.fixture
async def redis_url(endpoints: Endpoints) -> str:
    """The address of an empty database."""
    url = f"{endpoints.redis_url.rpartition('/')[0]}/{DATABASE}"
    redis: Redis = redis_connection.connect(url)
    await redis.flushdb()
    await redis.aclose()
    return url
