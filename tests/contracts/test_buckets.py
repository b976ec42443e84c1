"""What leaky buckets promise, held against Redis and against the buckets of one process."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from redis.asyncio import Redis

from adapters.local_buckets import LocalBuckets
from adapters.redis import connection as redis_connection
from adapters.redis.buckets import SETTLE_SECONDS, RedisBuckets
from domain.kit.ids import new_id
from domain.kit.rate_limit import Bucket, Charge, CostBuckets
from tests.contracts.closed_port import closed_address

# So slow that nothing comes back while a test runs, or so fast that everything is back at once.
SLOW = Bucket(capacity=100, restore_per_second=0.001)
FAST = Bucket(capacity=100, restore_per_second=1e6)


@pytest.fixture(params=["redis", "local"])
async def buckets(request: pytest.FixtureRequest, redis_url: str) -> AsyncGenerator[CostBuckets, None]:
    if request.param == "local":
        yield LocalBuckets()
        return
    redis = redis_connection.connect(redis_url)
    yield RedisBuckets(redis)
    await redis.aclose()


@pytest.fixture
def key() -> str:
    return f"account:{new_id()}"


async def test_points_are_taken_until_the_bucket_is_empty(buckets: CostBuckets, key: str) -> None:
    assert await buckets.charge(key, 60, SLOW) == Charge(accepted=True, remaining=40)
    assert await buckets.charge(key, 40, SLOW) == Charge(accepted=True, remaining=0)
    refused = await buckets.charge(key, 1, SLOW)
    assert (refused.accepted, refused.remaining) == (False, 0)


async def test_a_refused_charge_takes_nothing(buckets: CostBuckets, key: str) -> None:
    await buckets.charge(key, 60, SLOW)
    assert not (await buckets.charge(key, 41, SLOW)).accepted
    assert await buckets.charge(key, 40, SLOW) == Charge(accepted=True, remaining=0)


async def test_a_refusal_says_when_the_charge_fits(buckets: CostBuckets, key: str) -> None:
    bucket = Bucket(capacity=100, restore_per_second=0.5)
    await buckets.charge(key, 100, bucket)
    assert (await buckets.charge(key, 30, bucket)).retry_after_seconds == pytest.approx(60, abs=1)


async def test_points_come_back(buckets: CostBuckets, key: str) -> None:
    assert (await buckets.charge(key, 100, FAST)).accepted
    refused = await buckets.charge(key, 100, Bucket(capacity=100, restore_per_second=1000.0))
    await asyncio.sleep(refused.retry_after_seconds)
    assert (await buckets.charge(key, 100, FAST)).accepted


async def test_more_than_a_bucket_holds_never_fits(buckets: CostBuckets, key: str) -> None:
    assert not (await buckets.charge(key, 101, FAST)).accepted


async def test_callers_have_buckets_of_their_own(buckets: CostBuckets, key: str) -> None:
    await buckets.charge(key, 100, SLOW)
    assert (await buckets.charge(f"account:{new_id()}", 100, SLOW)).accepted


async def test_charges_at_the_same_time_never_take_more_than_there_is(buckets: CostBuckets, key: str) -> None:
    charges = await asyncio.gather(*(buckets.charge(key, 7, SLOW) for _ in range(50)))
    assert [charge.accepted for charge in charges].count(True) == 14


async def test_processes_share_their_buckets(redis_url: str, key: str) -> None:
    one, other = redis_connection.connect(redis_url), redis_connection.connect(redis_url)
    try:
        await RedisBuckets(one).charge(key, 60, SLOW)
        assert not (await RedisBuckets(other).charge(key, 41, SLOW)).accepted
    finally:
        await one.aclose()
        await other.aclose()


async def test_what_a_process_grants_by_itself_is_taken_with_its_next_question(redis_url: str, key: str) -> None:
    one, other = redis_connection.connect(redis_url), redis_connection.connect(redis_url)
    wide = Bucket(capacity=1000, restore_per_second=0.001)
    try:
        # given a process that has charged a little, far from the limit
        buckets = RedisBuckets(one)
        assert [(await buckets.charge(key, 10, wide)).remaining for _ in range(5)] == [990, 980, 970, 960, 950]
        # when a charge brings it near the limit
        assert await buckets.charge(key, 600, wide) == Charge(accepted=True, remaining=350)
        # then all of it counts everywhere
        assert not (await RedisBuckets(other).charge(key, 351, wide)).accepted
        assert (await RedisBuckets(other).charge(key, 350, wide)).accepted
    finally:
        await one.aclose()
        await other.aclose()


async def test_one_call_asks_for_all_that_are_under_way(redis_url: str, key: str) -> None:
    redis = redis_connection.connect(redis_url)
    wide = Bucket(capacity=1000, restore_per_second=0.001)
    try:
        # given a process that was told of a bucket a while ago
        buckets = RedisBuckets(redis)
        await buckets.charge(key, 10, wide)
        await asyncio.sleep(SETTLE_SECONDS)
        asked = await _scripts_run(redis)
        # when many calls come at once
        charges = await asyncio.gather(*(buckets.charge(key, 10, wide) for _ in range(20)))
        # then one of them has asked
        assert all(charge.accepted for charge in charges)
        assert await _scripts_run(redis) - asked == 1
        # and what the others were granted is taken with the next question
        assert await buckets.charge(key, 500, wide) == Charge(accepted=True, remaining=290)
    finally:
        await redis.aclose()


async def _scripts_run(redis: Redis) -> int:
    """How often any client had a script run."""
    told = await redis.info("commandstats")
    return int(told["cmdstat_evalsha"]["calls"])


async def test_a_bucket_that_is_full_again_leaves_nothing_behind(redis_url: str, key: str) -> None:
    redis = redis_connection.connect(redis_url)
    try:
        await RedisBuckets(redis, "b:").charge(key, 100, Bucket(capacity=100, restore_per_second=10))
        assert 10_000 < await redis.pttl(f"b:{key}") <= 11_000
    finally:
        await redis.aclose()


@pytest.mark.timeout(10)
async def test_without_redis_each_process_goes_by_its_own(key: str) -> None:
    redis = redis_connection.connect(f"redis://{closed_address()}/0")
    buckets = RedisBuckets(redis)
    try:
        assert (await buckets.charge(key, 60, SLOW)).remaining == 40
        assert (await buckets.charge(key, 60, SLOW)).accepted is False
    finally:
        await redis.aclose()
