"""What counting attempts promises, in Redis and in memory."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from adapters.memory.throttle import MemoryThrottle
from adapters.redis import connection as redis_connection
from adapters.redis.throttle.throttle import RedisThrottle
from domain.kit.ids import new_id
from domain.kit.trust.throttle import Allowance, Throttle
from tests.contracts.closed_port import closed_address
from tests.world import TurnableClock

THREE = Allowance(burst=3, every_seconds=60.0)
FIVE = Allowance(burst=5, every_seconds=10.0)


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock()


@pytest.fixture(params=["redis", "memory", "redis away"])
async def throttle(
    request: pytest.FixtureRequest, clock: TurnableClock, redis_url: str
) -> AsyncGenerator[Throttle, None]:
    if request.param == "memory":
        yield MemoryThrottle(clock)
        return
    redis = redis_connection.connect(redis_url if request.param == "redis" else f"redis://{closed_address()}/0")
    yield RedisThrottle(redis, clock)
    await redis.aclose()


async def test_a_burst_goes_through_and_then_one_after_the_other(throttle: Throttle, clock: TurnableClock) -> None:
    name = {new_id(): THREE}
    assert [await throttle.take(name) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert 59.0 < await throttle.take(name) <= 60.0
    # asking too early costs nothing
    assert 59.0 < await throttle.take(name) <= 60.0
    clock.advance(60)
    assert await throttle.take(name) == 0.0
    assert 59.0 < await throttle.take(name) <= 60.0
    # and a long rest brings the burst back, not more
    clock.advance(3600)
    assert [await throttle.take(name) > 0 for _ in range(4)] == [False, False, False, True]


async def test_all_names_must_let_it_through_or_none_is_counted(throttle: Throttle) -> None:
    narrow, wide = new_id(), new_id()
    for _ in range(3):
        assert await throttle.take({narrow: THREE, wide: FIVE}) == 0.0
    for _ in range(3):
        assert 59.0 < await throttle.take({narrow: THREE, wide: FIVE}) <= 60.0
    assert [await throttle.take({wide: FIVE}) > 0 for _ in range(3)] == [False, False, True]


async def test_what_is_given_back_was_never_taken(throttle: Throttle) -> None:
    name = {new_id(): THREE}
    for _ in range(3):
        await throttle.take(name)
    await throttle.give_back(name)
    assert await throttle.take(name) == 0.0
    assert await throttle.take(name) > 0
    # of a name that nobody took nothing can be given back
    other = {new_id(): THREE}
    await throttle.give_back(other)
    assert [await throttle.take(other) > 0 for _ in range(4)] == [False, False, False, True]


async def test_many_at_once_get_no_more_than_the_burst(throttle: Throttle) -> None:
    name = {new_id(): THREE}
    waits = await asyncio.gather(*(throttle.take(name) for _ in range(20)))
    assert sum(wait == 0.0 for wait in waits) == 3


async def test_processes_count_together(redis_url: str, clock: TurnableClock) -> None:
    one, two = redis_connection.connect(redis_url), redis_connection.connect(redis_url)
    name = {new_id(): THREE}
    throttles = [RedisThrottle(one, clock), RedisThrottle(two, clock)]
    waits = [await throttles[number % 2].take(name) for number in range(4)]
    assert [wait > 0 for wait in waits] == [False, False, False, True]
    # and nothing is kept longer than it counts
    (key,) = await one.keys("cadenza:throttle:*")
    assert 0 < await one.pttl(key) <= 180_000
    await one.aclose()
    await two.aclose()


async def test_a_process_that_lost_redis_counts_alone(clock: TurnableClock) -> None:
    redis = redis_connection.connect(f"redis://{closed_address()}/0")
    throttle = RedisThrottle(redis, clock)
    name = {new_id(): THREE}
    assert [await throttle.take(name) > 0 for _ in range(4)] == [False, False, False, True]
    await redis.aclose()


async def test_a_full_memory_forgets_what_no_longer_counts(clock: TurnableClock) -> None:
    throttle = MemoryThrottle(clock, capacity=3)
    for number in range(3):
        await throttle.take({f"old {number}": FIVE})
    clock.advance(11)
    assert await throttle.take({"new": THREE}) == 0.0
    assert len(throttle) == 1
