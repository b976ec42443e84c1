"""What kept texts promise, held against Redis and against the twin."""

from collections.abc import AsyncGenerator
from hashlib import sha256

import pytest

from adapters.memory.texts import MemoryTexts
from adapters.redis import connection as redis_connection
from adapters.redis.texts import RedisTexts
from domain.kit.kept_texts import KeptTexts
from tests.contracts.closed_port import closed_address

TEXT = "{ viewer { id } } # ünïcode 🎵"
HASH = sha256(TEXT.encode()).hexdigest()


@pytest.fixture(params=["redis", "memory"])
async def texts(request: pytest.FixtureRequest, redis_url: str) -> AsyncGenerator[KeptTexts, None]:
    if request.param == "memory":
        yield MemoryTexts()
        return
    redis = redis_connection.connect(redis_url)
    yield RedisTexts(redis, 60)
    await redis.aclose()


async def test_a_text_is_found_as_it_was_put(texts: KeptTexts) -> None:
    assert await texts.get(HASH) is None
    await texts.put(HASH, TEXT)
    await texts.put(HASH, TEXT)
    assert await texts.get(HASH) == TEXT


async def test_each_use_keeps_it_for_longer(redis_url: str) -> None:
    redis = redis_connection.connect(redis_url)
    await RedisTexts(redis, 60, "texts:").put(HASH, TEXT)
    assert 0 < await redis.ttl(f"texts:{HASH}") <= 60
    assert await RedisTexts(redis, 600, "texts:").get(HASH) == TEXT
    assert 60 < await redis.ttl(f"texts:{HASH}") <= 600
    await redis.aclose()


async def test_without_redis_nothing_is_found_and_nothing_fails() -> None:
    redis = redis_connection.connect(f"redis://{closed_address()}/0")
    texts = RedisTexts(redis, 60)
    await texts.put(HASH, TEXT)
    assert await texts.get(HASH) is None
    await redis.aclose()
