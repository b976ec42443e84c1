"""What every event bus promises, held against Redis Streams and the twin."""

import asyncio
import time
from collections.abc import AsyncGenerator

import pytest

from adapters.memory.event_bus import MemoryEventBus
from adapters.redis import connection as redis_connection
from adapters.redis.events import RedisEventBus
from domain.kit.errors import DependencyUnavailable
from domain.kit.event_bus import Event, EventBus, order_of
from domain.kit.ids import new_id
from tests.contracts.closed_port import closed_address


@pytest.fixture(params=["redis", "memory"])
async def bus(request: pytest.FixtureRequest, redis_url: str) -> AsyncGenerator[EventBus, None]:
    if request.param == "memory":
        yield MemoryEventBus()
        return
    redis = redis_connection.connect(redis_url)
    found = RedisEventBus(redis)
    yield found
    await found.aclose()
    await redis.aclose()


@pytest.fixture
def topic() -> str:
    return f"job:{new_id()}"


def event(number: int) -> Event:
    return Event(number, {"progress": number / 10, "title": "Grüße", "problem": None, "tags": ["a", "b"]})


async def publish(bus: EventBus, topic: str, *numbers: int, feed: str = "feed") -> None:
    for number in numbers:
        await bus.publish(topic, event(number), feed)


async def numbers(bus: EventBus, topic: str, after: int) -> list[int]:
    return [found.id for found in await bus.read(topic, after)]


async def test_events_come_back_in_order_with_their_ids_and_data(bus: EventBus, topic: str) -> None:
    await publish(bus, topic, 1, 2, 7)
    assert await bus.read(topic, 0) == [event(1), event(2), event(7)]


async def test_a_reader_who_has_seen_nothing_reads_everything(bus: EventBus, topic: str) -> None:
    await publish(bus, topic, 1, 2)
    assert await numbers(bus, topic, -1) == [1, 2]


async def test_reading_goes_on_behind_what_was_seen(bus: EventBus, topic: str) -> None:
    await publish(bus, topic, 1, 2, 7)
    assert await numbers(bus, topic, 1) == [2, 7]
    assert await numbers(bus, topic, 5) == [7]
    assert await numbers(bus, topic, 7) == []


@pytest.mark.parametrize("repeated", [3, 2, 1])
async def test_a_repeat_or_a_lower_id_is_ignored(bus: EventBus, topic: str, repeated: int) -> None:
    await publish(bus, topic, 1, 3)
    await bus.publish(topic, Event(repeated, {"late": True}), "feed")
    assert await bus.read(topic, 0) == [event(1), event(3)]


async def test_reading_does_not_consume(bus: EventBus, topic: str) -> None:
    await publish(bus, topic, 1)
    assert await numbers(bus, topic, 0) == await numbers(bus, topic, 0) == [1]


async def test_topics_do_not_mix(bus: EventBus, topic: str) -> None:
    other = f"job:{new_id()}"
    await publish(bus, topic, 1)
    await publish(bus, other, 2)
    assert await numbers(bus, topic, 0) == [1]
    assert await numbers(bus, other, 0) == [2]


async def test_a_topic_that_nobody_wrote_to_is_empty(bus: EventBus, topic: str) -> None:
    assert await bus.read(topic, 0) == []


async def test_a_waiting_reader_gets_what_is_published_at_once(bus: EventBus, topic: str) -> None:
    # given a reader who has seen event 1 and waits
    await publish(bus, topic, 1)
    reader = asyncio.create_task(bus.read(topic, 1, wait_seconds=8.0))
    await asyncio.sleep(0.2)
    assert not reader.done()
    # when the next one is published
    published_at = time.monotonic()
    await publish(bus, topic, 2)
    # then the reader has it long before its wait is over
    assert await reader == [event(2)]
    assert time.monotonic() - published_at < 1.0


async def test_every_waiting_reader_gets_the_event(bus: EventBus, topic: str) -> None:
    readers = [asyncio.create_task(bus.read(topic, 0, wait_seconds=8.0)) for _ in range(3)]
    await asyncio.sleep(0.2)
    await publish(bus, topic, 1)
    assert await asyncio.gather(*readers) == [[event(1)]] * 3


async def test_a_waiting_reader_is_not_woken_by_another_topic(bus: EventBus, topic: str) -> None:
    reader = asyncio.create_task(bus.read(topic, 0, wait_seconds=0.6))
    await asyncio.sleep(0.1)
    await publish(bus, f"job:{new_id()}", 1)
    assert await reader == []


async def test_a_reader_who_waits_in_vain_gets_nothing(bus: EventBus, topic: str) -> None:
    started = time.monotonic()
    assert await bus.read(topic, 0, wait_seconds=0.4) == []
    assert 0.35 < time.monotonic() - started < 3.0


async def test_what_is_there_already_is_not_waited_for(bus: EventBus, topic: str) -> None:
    await publish(bus, topic, 1)
    started = time.monotonic()
    assert await bus.read(topic, 0, wait_seconds=8.0) == [event(1)]
    assert time.monotonic() - started < 1.0


@pytest.fixture(params=["redis", "memory"])
async def unreachable(request: pytest.FixtureRequest) -> AsyncGenerator[EventBus, None]:
    if request.param == "memory":
        yield MemoryEventBus(is_down=True)
        return
    redis = redis_connection.connect(f"redis://{closed_address()}/0")
    found = RedisEventBus(redis)
    yield found
    await found.aclose()
    await redis.aclose()


@pytest.mark.timeout(10)
async def test_a_bus_out_of_reach_says_so(unreachable: EventBus, topic: str) -> None:
    with pytest.raises(DependencyUnavailable):
        await unreachable.publish(topic, event(1), "feed")
    with pytest.raises(DependencyUnavailable):
        await unreachable.read(topic, 0)
    with pytest.raises(DependencyUnavailable):
        await unreachable.read(topic, 0, wait_seconds=5.0)


async def test_a_feed_has_the_events_of_all_its_topics_in_their_order(bus: EventBus) -> None:
    feed, one, other = f"owner:{new_id()}", f"job:{new_id()}", f"job:{new_id()}"
    await publish(bus, one, 1, feed=feed)
    await publish(bus, other, 1, feed=feed)
    await publish(bus, one, 2, feed=feed)
    posts = await bus.posts(feed)
    assert [post.data for post in posts] == [event(1).data, event(1).data, event(2).data]
    assert [post.order for post in posts] == sorted({post.order for post in posts})
    # and reading goes on behind any of them
    assert await bus.posts(feed, posts[0].position) == posts[1:]
    assert await bus.posts(feed, posts[2].position) == []


async def test_a_repeated_event_is_posted_once(bus: EventBus) -> None:
    feed, topic = f"owner:{new_id()}", f"job:{new_id()}"
    await publish(bus, topic, 1, 2, 2, 1, feed=feed)
    assert [post.data for post in await bus.posts(feed)] == [event(1).data, event(2).data]


async def test_whoever_waits_for_a_post_gets_it_at_once(bus: EventBus) -> None:
    feed, topic = f"owner:{new_id()}", f"job:{new_id()}"
    waiting = asyncio.create_task(bus.posts(feed, wait_seconds=10))
    await asyncio.sleep(0.05)
    await publish(bus, topic, 1, feed=feed)
    async with asyncio.timeout(2):
        assert [post.data for post in await waiting] == [event(1).data]


@pytest.mark.parametrize("text", ["", "1", "1-", "a-b", "1-2-3", "-1-0", "１-0"])
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        order_of(text)
