"""Following many Redis Streams over one connection, and what happens when it breaks."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from functools import partial
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis

from adapters.redis import connection as redis_connection
from adapters.redis import subscription as redis_subscription
from adapters.redis import tails as redis_tails
from adapters.redis.events import RedisEventBus
from domain.kit.errors import DependencyUnavailable
from domain.kit.event_bus import Event
from domain.kit.ids import new_id
from tests.patience import eventually
from tests.relay import open_relay


@pytest.fixture
async def redis(redis_url: str) -> AsyncGenerator[Redis, None]:
    found = redis_connection.connect(redis_url)
    yield found
    await found.aclose()


@pytest.fixture
async def bus(redis_url: str) -> AsyncGenerator[RedisEventBus, None]:
    """With connections of its own."""
    async with AsyncExitStack() as stack:
        own = redis_connection.connect(redis_url)
        stack.push_async_callback(own.aclose)
        found = RedisEventBus(own)
        stack.push_async_callback(found.aclose)
        yield found


@pytest.fixture
def topic() -> str:
    return f"job:{new_id()}"


async def publish(bus: RedisEventBus, topic: str, number: int) -> None:
    await bus.publish(topic, Event(number, {"number": number}), f"owner:{topic}")


async def followers(redis: Redis, topic: str) -> int:
    """How many connections hear of a topic."""
    ((_, count),) = await redis.pubsub_numsub(f"cadenza:events:{topic}")
    return int(count)


async def test_a_hundred_readers_of_as_many_topics_need_one_connection(bus: RedisEventBus, redis: Redis) -> None:
    # given connections that are there already
    topics = [f"job:{new_id()}" for _ in range(100)]
    before = len(await redis.client_list(_type="pubsub"))

    # when each topic has a reader who waits
    readers = [asyncio.create_task(bus.read(topic, 0, wait_seconds=20)) for topic in topics]
    for topic in topics:
        await eventually(partial(is_followed, redis, topic))

    # then there is one more, and each reader gets what it waits for
    assert len(await redis.client_list(_type="pubsub")) == before + 1
    for number, topic in enumerate(topics, start=1):
        await publish(bus, topic, number)
    found = await asyncio.gather(*readers)
    assert [events[0].id for events in found] == list(range(1, 101))


async def is_followed(redis: Redis, topic: str) -> bool:
    return await followers(redis, topic) == 1


async def test_what_was_missed_while_the_connection_was_broken_is_read(
    bus: RedisEventBus, redis: Redis, topic: str
) -> None:
    # given a reader who waits for the second event
    await publish(bus, topic, 1)
    reader = asyncio.create_task(bus.read(topic, 1, wait_seconds=20))
    await eventually(partial(is_followed, redis, topic))

    # when its connection is cut
    await redis.client_kill_filter(_type="pubsub")

    # then it is told, and finds on its next call what has happened meanwhile
    with pytest.raises(DependencyUnavailable):
        await reader
    await publish(bus, topic, 2)
    assert [event.id for event in await bus.read(topic, 1, wait_seconds=20)] == [2]
    # and goes on to be told at once
    reader = asyncio.create_task(bus.read(topic, 2, wait_seconds=20))
    await eventually(partial(is_followed, redis, topic))
    await publish(bus, topic, 3)
    assert [event.id for event in await reader] == [3]


class EmptyReading:
    """A client to which something happens while it reads a stream in which there is nothing yet."""

    def __init__(self, redis: Redis, meanwhile: Callable[[redis_tails.RedisTails, str], Awaitable[None]]) -> None:
        self.connection_pool = redis.connection_pool
        self.tails = redis_tails.RedisTails(cast(Redis, self), longest=10)
        self._meanwhile = meanwhile

    async def xread(self, streams: dict[str, str], count: int) -> list[Any]:
        (stream,) = streams
        await self._meanwhile(self.tails, stream)
        return []


async def test_who_reads_the_stream_while_the_connection_breaks_is_told_at_once(redis: Redis, topic: str) -> None:
    async def cut(tails: redis_tails.RedisTails, stream: str) -> None:
        tail = tails._tails[stream]
        await redis.client_kill_filter(_type="pubsub")
        await eventually(lambda: tail.is_lost)

    async with aclosing(EmptyReading(redis, cut).tails) as tails:
        with pytest.raises(DependencyUnavailable):
            await tails.entries(topic, (0, 0), wait_seconds=20)


async def test_what_is_heard_while_the_stream_is_read_is_told_at_once(redis: Redis, topic: str) -> None:
    async def hear(tails: redis_tails.RedisTails, stream: str) -> None:
        tails.heard(stream, b'1-0 {"number": 1}')

    async with aclosing(EmptyReading(redis, hear).tails) as tails, asyncio.timeout(5):
        found = await tails.entries(topic, (0, 0), wait_seconds=20)
    assert [entry.order for entry in found] == [(1, 0)]


async def test_a_connection_that_has_gone_silent_is_given_up(
    redis_url: str, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a reader, and a Redis that stops answering without closing anything
    monkeypatch.setattr(redis_subscription, "PULSE_SECONDS", 0.1)
    address = urlsplit(redis_url)
    assert address.hostname is not None
    assert address.port is not None
    async with (
        open_relay(address.hostname, address.port) as relay,
        redis_connection.connect(f"redis://127.0.0.1:{relay.own_port}{address.path}") as own,
        aclosing(RedisEventBus(own)) as bus,
    ):
        assert await bus.read(topic, 0, wait_seconds=0.3) == []
        reader = asyncio.create_task(bus.read(topic, 0, wait_seconds=20))
        await asyncio.sleep(0.3)
        assert not reader.done()
        relay.flowing.clear()

        # then the reader is told, and the next one is heard again
        with pytest.raises(DependencyUnavailable):
            await reader
        relay.flowing.set()
        await publish(bus, topic, 1)
        assert [event.id for event in await bus.read(topic, 0, wait_seconds=20)] == [1]


async def test_readers_come_and_go_while_the_connection_is_never_quite_fresh(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a client that looks after its connections all the time, and tails that are left at once
    monkeypatch.setattr(redis_tails, "LINGER_SECONDS", 0.0)
    async with (
        Redis.from_url(redis_url, health_check_interval=0.001) as own,
        aclosing(RedisEventBus(own)) as bus,
    ):
        # when topic after topic is read, with nobody there in between
        for number in range(1, 6):
            topic = f"job:{new_id()}"
            assert await bus.read(topic, 0, wait_seconds=0.05) == []
            await asyncio.sleep(0.05)

            # then each reader hears of its own
            await publish(bus, topic, number)
            assert [event.id for event in await bus.read(topic, 0, wait_seconds=20)] == [number]


async def test_who_waits_in_vain_leaves_nothing_behind() -> None:
    tail, now = redis_tails.Tail(), asyncio.get_running_loop().time
    for _ in range(3):
        assert not await tail.news(now() + 0.001)
    leaving = asyncio.create_task(tail.news(now() + 60))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait({leaving})
    assert tail._waiting == {}


async def test_each_who_waits_is_woken_at_its_own_time_by_one_alarm() -> None:
    # given an alarm that is set for a late time
    tail, loop = redis_tails.Tail(), asyncio.get_running_loop()
    began = loop.time()
    late = asyncio.create_task(tail.news(began + 0.4))
    await asyncio.sleep(0)
    # when others wait less long, one of whom leaves before its time
    soon = asyncio.create_task(tail.news(began + 0.1))
    leaving = asyncio.create_task(tail.news(began + 0.2))
    await asyncio.sleep(0)
    leaving.cancel()
    # then each is woken when it is time, nobody before
    assert not await soon
    assert 0.1 <= loop.time() - began < 0.3
    assert not late.done()
    assert not await late
    assert loop.time() - began >= 0.4
    # and who comes after an alarm that was for nobody is woken, too
    assert not await tail.news(loop.time() + 0.05)
    assert tail._waiting == {}


async def test_a_topic_that_nobody_reads_any_more_is_not_followed(
    bus: RedisEventBus, redis: Redis, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a reader who has waited, and will not come back
    monkeypatch.setattr(redis_tails, "LINGER_SECONDS", 0.05)
    assert await bus.read(topic, 0, wait_seconds=0.05) == []

    # when a moment has passed, then Redis need not tell of it any more
    async def is_left() -> bool:
        return await followers(redis, topic) == 0

    await eventually(is_left)
    # and whoever comes later hears of it again
    await publish(bus, topic, 1)
    assert [event.id for event in await bus.read(topic, 0, wait_seconds=20)] == [1]


async def test_a_reader_far_behind_gets_what_is_not_kept_here(bus: RedisEventBus, topic: str) -> None:
    # given a topic that is followed, and more events than are kept at hand
    assert await bus.read(topic, 0, wait_seconds=0.01) == []
    count = redis_tails.KEPT_ENTRIES + 50
    for number in range(1, count + 1):
        await publish(bus, topic, number)

    # when readers stand at different places, then each gets all that is behind its own
    for after in (0, 10, count - 1):
        found: list[int] = []
        while found[-1:] != [count]:
            found += [event.id for event in await bus.read(topic, found[-1] if found else after, wait_seconds=20)]
        assert found == list(range(after + 1, count + 1))


async def test_what_comes_right_behind_an_event_is_told_together(
    bus: RedisEventBus, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a reader who waits, and long breaths
    monkeypatch.setattr(redis_tails, "BREATH_SECONDS", 1.0)
    assert await bus.read(topic, 0, wait_seconds=0.01) == []
    # when events come, one right behind the other
    reading = asyncio.create_task(bus.read(topic, 0, wait_seconds=20))
    for number in (1, 2, 3, 4):
        await publish(bus, topic, number)
        await asyncio.sleep(0.05)
    # then the first was told at once, and the others are told in one breath
    assert reading.done()
    first = [event.id for event in await reading]
    assert first == [1]
    assert [event.id for event in await bus.read(topic, 1, wait_seconds=20)] == [2, 3, 4]


async def test_who_has_much_to_tell_is_not_kept_waiting(
    bus: RedisEventBus, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given breaths that nobody can wait for, and whatever comes is much
    monkeypatch.setattr(redis_tails, "BREATH_SECONDS", 60.0)
    monkeypatch.setattr(redis_subscription, "HURRIED_BYTES", 1)
    assert await bus.read(topic, 0, wait_seconds=0.01) == []
    # then all is heard
    for number in (1, 2, 3):
        reading = asyncio.create_task(bus.read(topic, number - 1, wait_seconds=20))
        await publish(bus, topic, number)
        assert [event.id for event in await reading] == [number]


async def test_a_connection_that_is_given_up_in_a_breath_is_not_listened_to_again(
    redis: Redis, redis_url: str, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a reader who was told a moment ago
    monkeypatch.setattr(redis_tails, "BREATH_SECONDS", 0.2)
    async with redis_connection.connect(redis_url) as own:
        bus = RedisEventBus(own)
        assert await bus.read(topic, 0, wait_seconds=0.01) == []
        await publish(bus, topic, 1)
        assert [event.id for event in await bus.read(topic, 0, wait_seconds=20)] == [1]
        # when the bus is closed before the breath is over, then nothing is left to be done
        await bus.aclose()
        complaints: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, found: complaints.append(found))
        await asyncio.sleep(0.3)
    assert complaints == []
