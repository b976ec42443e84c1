"""A Redis database that nobody else in this run writes to: workers of other tests poll the usual one. And engines."""

from collections.abc import AsyncGenerator

import pytest
from redis.asyncio import Redis
from tritonclient.grpc.aio import InferenceServerClient

from adapters import triton
from adapters.redis import connection as redis_connection
from deploy.embedded import Endpoints
from domain.kit.audio.music_engine import MusicEngine
from tests.contracts.music_engines import ENGINES, open_engine

DATABASE = 9


@pytest.fixture
async def redis_url(endpoints: Endpoints) -> str:
    """The address of an empty database."""
    url = f"{endpoints.redis_url.rpartition('/')[0]}/{DATABASE}"
    redis: Redis = redis_connection.connect(url)
    await redis.flushdb()
    await redis.aclose()
    return url


@pytest.fixture
async def client(endpoints: Endpoints) -> AsyncGenerator[InferenceServerClient, None]:
    client = triton.connect(endpoints.triton_url)
    yield client
    await client.close()


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, client: InferenceServerClient) -> MusicEngine:
    return open_engine(request.param, client)
