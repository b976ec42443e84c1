"""Counting on real Redis and real MongoDB, while workers die in the middle: nothing twice, nothing lost."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from adapters.meters.plays import PrometheusPlayMeter
from adapters.redis import connection as redis_connection
from adapters.redis.plays.log import RedisPlayLog
from adapters.redis.plays.states import RedisListenStates
from deploy.embedded import Endpoints
from domain.kit.concurrency import stop
from domain.kit.ids import new_id
from domain.kit.personal_data import Erasure
from domain.plays.log import ListenStates, PlayLog
from domain.plays.model import Receipt, Report, Ticket
from domain.plays.services.count import PlayCounting
from domain.plays.services.intake import PlayIntake
from domain.plays.services.personal_data import PlayPersonalData
from domain.plays.store import PlayStore
from tests.patience import eventually
from tests.world import World

START_MS = 1_790_000_000_000
DATABASE = 8


class Died(Exception):
    """What a worker that is killed does."""


@pytest.fixture
async def redis(endpoints: Endpoints) -> AsyncGenerator[Redis, None]:
    """A database that nobody else uses."""
    client = redis_connection.connect(f"{endpoints.redis_url.rpartition('/')[0]}/{DATABASE}")
    await client.flushdb()
    yield client
    await client.aclose()


def counting(world: World, plays: PlayLog, states: ListenStates) -> PlayCounting:
    return PlayCounting(plays, states, PlayStore(), world.kit.transactions, PrometheusPlayMeter())


def listen(track_id: str, seconds: int, listener_id: str | None = None) -> list[Receipt]:
    """One listen with a heartbeat every ten seconds, a request each."""
    ticket = Ticket(new_id(), track_id, "owner", None, listener_id or new_id(), 180_000)
    beats = [Report(at // 10, at * 1000, START_MS + at * 1000) for at in range(0, seconds + 1, 10)]
    beats.append(Report(len(beats), seconds * 1000, START_MS + seconds * 1000, True))
    return [Receipt(ticket, "", (beat,)) for beat in beats]


class Fragile:
    """Does everything as the one behind it, and dies now and then, before or after it was done."""

    def __init__(self, behind: Any, chance: random.Random) -> None:
        self._behind = behind
        self._chance = chance

    def __getattr__(self, name: str) -> Callable[..., Coroutine[Any, Any, Any]]:
        async def call(*arguments: Any) -> Any:
            fate = self._chance.random()
            if fate < 0.15:
                raise Died
            result = await getattr(self._behind, name)(*arguments)
            if fate < 0.3 and name != "claim":
                raise Died
            return result

        return call


async def counts(world: World) -> dict[str, int]:
    return {raw["_id"]: raw["plays"] for raw in await world.documents("play_counts")}


async def days(world: World) -> dict[str, int]:
    return {raw["track_id"]: raw["plays"] for raw in await world.documents("day_plays")}


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_workers_that_die_at_any_step_lose_nothing_and_count_nothing_twice(
    world: World, redis: Redis, seed: int
) -> None:
    # given listens of three tracks, whose reports come in any order, some of them twice
    chance = random.Random(seed)
    tracks = [new_id() for _ in range(3)]
    listens = [listen(track, chance.choice([20, 30, 70, 180])) for track in tracks for _ in range(12)]
    expected = {track: sum(len(each) > 4 for each in listens if each[0].ticket.track_id == track) for track in tracks}
    told = [each for receipts in listens for each in receipts]
    told += chance.choices(told, k=60)
    chance.shuffle(told)
    plays, states = RedisPlayLog(redis), RedisListenStates(redis)
    while told:
        portion, told = told[:25], told[25:]
        assert await plays.append(portion)
    # when they are counted by workers that die at any step
    fragile = counting(world, Fragile(plays, chance), Fragile(states, chance))
    while (await plays.backlog()).entries:
        for work in (fragile.step("one"), fragile.step("other"), fragile.sweep("heir", 0.0)):
            try:
                await work
            except Died:
                continue
    # then every play counts once
    assert await counts(world) == expected == await days(world)
    heard = {raw["_id"]: raw["heard_seconds"] for raw in await world.documents("plays")}
    assert heard == {
        each[0].ticket.listen_id: each[-1].reports[0].position_ms / 1000 for each in listens if len(each) > 4
    }


async def test_many_workers_count_together(world: World, redis: Redis) -> None:
    track = new_id()
    plays, states = RedisPlayLog(redis), RedisListenStates(redis)
    told = [each for _ in range(40) for each in listen(track, 60)]
    random.Random(7).shuffle(told)
    for start in range(0, len(told), 10):
        await plays.append(told[start : start + 10])
    working = [asyncio.create_task(counting(world, plays, states).run(f"worker-{number}")) for number in range(3)]

    async def is_done() -> bool:
        return (await plays.backlog()).entries == 0

    await eventually(is_done, within=30.0)
    await stop(*working)
    assert await counts(world) == {track: 40} == await days(world)


async def test_an_api_that_is_stopped_loses_nothing(world: World, redis: Redis) -> None:
    plays = RedisPlayLog(redis)
    intake = PlayIntake(plays, PrometheusPlayMeter(), world.clock)
    running = asyncio.create_task(intake.run())
    sent = [each for _ in range(100) for each in listen(new_id(), 60)]
    for each in sent:
        assert intake.take(each)
    await asyncio.sleep(0)
    intake.stop()
    await running
    assert sorted(await drained(plays)) == sorted(each.ticket.listen_id for each in sent)


async def test_what_is_taken_is_in_the_log_within_a_second(world: World, redis: Redis) -> None:
    plays = RedisPlayLog(redis)
    intake = PlayIntake(plays, PrometheusPlayMeter(), world.clock)
    running = asyncio.create_task(intake.run())
    intake.take(listen(new_id(), 10)[0])

    async def is_there() -> bool:
        return (await plays.backlog()).entries == 1

    await eventually(is_there, within=1.0)
    intake.stop()
    await running


async def drained(plays: PlayLog) -> Sequence[str]:
    """The listens of all reports that wait, one for each report."""
    found: list[str] = []
    while (batch := await plays.take("test", 0.01)) is not None:
        found += [each.ticket.listen_id for each in batch.receipts for _ in each.reports]
        await plays.done(batch)
    return found


async def test_who_is_forgotten_is_in_no_play_and_has_no_counts(world: World) -> None:
    ada, bob = await world.person("Ada"), await world.person("Bob")
    plays, states = world.kit.plays.log, world.kit.plays.states
    mine = Ticket(new_id(), new_id(), ada.require(), None, ada.account_id)
    others = Ticket(new_id(), new_id(), bob.require(), None, ada.account_id)
    bobs = mine._replace(listen_id=new_id(), listener_id=bob.account_id)
    for ticket in (mine, others, bobs):
        await plays.append([Receipt(ticket, "", tuple(each.reports[0] for each in listen("any", 40)))])
    await counting(world, plays, states).step("worker-1")
    personal = world.get(PlayPersonalData)
    exported = await personal.export(ada.require(), timedelta(days=1))
    assert {play["id"] for play in exported["plays"]} == {mine.listen_id, others.listen_id}
    assert {play["heard_seconds"] for play in exported["plays"]} == {40.0}
    await personal.erase(Erasure(ada.require(), "pseudonym"))
    left = [await world.documents(name) for name in ("plays", "play_counts", "day_plays")]
    assert ada.require() not in str(left)
    # what they listened to still counts for its owner
    assert await counts(world) == {others.track_id: 1} == await days(world)
    # and another still knows that they listened
    assert {raw["_id"]: raw["listener_id"] for raw in await world.documents("plays")} == {
        others.listen_id: None,
        bobs.listen_id: bob.account_id,
    }
