"""What open listens promise, held against Redis and against the twin."""

from collections.abc import AsyncGenerator

import pytest

from adapters.memory.open_listens import MemoryOpenListens
from adapters.redis import connection as redis_connection
from adapters.redis.plays.open_listens import RedisOpenListens
from domain.kit.errors import DependencyUnavailable
from domain.kit.ids import new_id
from domain.plays.open_listens import LIVES, OpenListens
from tests.contracts.closed_port import closed_address


@pytest.fixture(params=["redis", "memory"])
async def listens(request: pytest.FixtureRequest, redis_url: str) -> AsyncGenerator[OpenListens, None]:
    if request.param == "memory":
        yield MemoryOpenListens()
        return
    redis = redis_connection.connect(redis_url)
    yield RedisOpenListens(redis)
    await redis.aclose()


async def test_a_listen_ends_once(listens: OpenListens) -> None:
    ada, song, first = new_id(), new_id(), new_id()
    assert await listens.end(ada, song) is None
    assert await listens.begin(ada, song, first, anew=False)
    assert await listens.end(ada, song) == first
    assert await listens.end(ada, song) is None


async def test_only_who_begins_anew_takes_the_place_of_what_is_open(listens: OpenListens) -> None:
    ada, song, first, second, third = (new_id() for _ in range(5))
    assert await listens.begin(ada, song, first, anew=False)
    assert not await listens.begin(ada, song, second, anew=False)
    assert await listens.begin(ada, song, third, anew=True)
    assert await listens.end(ada, song) == third


async def test_everybody_and_every_track_has_a_listen_of_its_own(listens: OpenListens) -> None:
    ada, bob, song, other = (new_id() for _ in range(4))
    for listener, track in ((ada, song), (ada, other), (bob, song)):
        assert await listens.begin(listener, track, f"{listener}{track}", anew=False)
    assert await listens.end(bob, other) is None
    assert await listens.end(ada, song) == f"{ada}{song}"
    assert await listens.end(bob, song) == f"{bob}{song}"


async def test_what_nobody_ends_is_forgotten_after_some_hours(redis_url: str) -> None:
    redis = redis_connection.connect(redis_url)
    await RedisOpenListens(redis, "open:").begin("ada", "song", "listen", anew=True)
    assert 0 < await redis.ttl("open:ada:song") <= LIVES.total_seconds()
    await redis.aclose()


async def test_without_redis_it_is_unavailable() -> None:
    redis = redis_connection.connect(f"redis://{closed_address()}/0")
    with pytest.raises(DependencyUnavailable):
        await RedisOpenListens(redis).begin("ada", "song", "listen", anew=True)
    await redis.aclose()
