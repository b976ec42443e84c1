"""What the log of reports and the open listens promise, in Redis and in memory."""

import asyncio
import time
from collections.abc import AsyncGenerator
from datetime import date

import pytest
from redis.asyncio import Redis

from adapters.memory.play_log import MemoryListenStates, MemoryPlayLog
from adapters.redis import connection as redis_connection
from adapters.redis.plays.log import GROUP, STREAM, RedisPlayLog
from adapters.redis.plays.states import MOST_BYTES, RedisListenStates
from domain.kit.errors import DependencyUnavailable
from domain.kit.ids import new_id
from domain.plays.log import Allotment, Batch, ListenStates, PlayLog
from domain.plays.model import Listen, Receipt, Report, Ticket
from tests.contracts.closed_port import closed_address

NOW_MS = 1_790_000_000_000
TODAY = date(2026, 11, 21)


def receipt(*sequences: int, listen_id: str | None = None, address: str = "") -> Receipt:
    ticket = Ticket(listen_id or new_id(), new_id(), new_id(), None, None if address else new_id(), 180_000)
    return Receipt(ticket, address, tuple(Report(each, each * 10_000, NOW_MS + each, each == 9) for each in sequences))


@pytest.fixture
async def redis(redis_url: str) -> AsyncGenerator[Redis, None]:
    client = redis_connection.connect(redis_url)
    yield client
    await client.aclose()


@pytest.fixture(params=["redis", "memory"])
def plays(request: pytest.FixtureRequest, redis: Redis) -> PlayLog:
    return MemoryPlayLog(3) if request.param == "memory" else RedisPlayLog(redis, most_entries=3)


@pytest.fixture(params=["redis", "memory"])
def states(request: pytest.FixtureRequest, redis: Redis) -> ListenStates:
    return MemoryListenStates() if request.param == "memory" else RedisListenStates(redis)


def everything(*batches: Batch | None) -> list[Receipt]:
    return sorted(each for batch in batches if batch is not None for each in batch.receipts)


async def test_what_is_appended_is_given_to_one_consumer(plays: PlayLog) -> None:
    first, second = receipt(0, 1, 9), receipt(3, address="192.0.2.7")
    assert await plays.append([first])
    assert await plays.append([second])
    one, other = await plays.take("one", 0.01), await plays.take("other", 0.01)
    assert everything(one, other) == sorted([first, second])
    assert await plays.take("one", 0.01) is None


async def test_what_is_done_is_gone_and_what_is_not_is_claimed(plays: PlayLog) -> None:
    lost = receipt(1)
    await plays.append([lost])
    dead = await plays.take("dead", 0.01)
    assert dead is not None
    assert (await plays.backlog()).entries == 1
    claimed = await plays.claim("alive", 0.0)
    assert everything(claimed) == [lost]
    assert claimed is not None
    await plays.done(claimed)
    await plays.done(dead)
    assert (await plays.backlog()).entries == 0
    assert await plays.claim("alive", 0.0) is None


async def test_a_full_log_takes_no_more_and_loses_nothing(plays: PlayLog) -> None:
    sent = [receipt(1) for _ in range(3)]
    assert [await plays.append([each]) for each in [*sent, receipt(2)]] == [True, True, True, False]
    batch = await plays.take("one", 0.01)
    assert everything(batch) == sorted(sent)
    assert batch is not None
    # what was taken is not done yet
    assert not await plays.append([receipt(2)])
    await plays.done(batch)
    assert await plays.append([receipt(2)])


async def test_an_empty_log_has_nothing_for_anybody(plays: PlayLog) -> None:
    assert await plays.claim("one", 0.0) is None
    assert await plays.take("one", 0.01) is None
    assert (await plays.backlog()).entries == 0


async def test_reports_of_one_listen_in_one_go_stay_together(plays: PlayLog) -> None:
    one = receipt(0, 1)
    more = Receipt(one.ticket, one.address, receipt(2).reports)
    await plays.append([one, more])
    batch = await plays.take("one", 0.01)
    assert batch is not None
    assert [report.sequence for each in batch.receipts for report in each.reports] == [0, 1, 2]


async def test_waiting_ends_when_something_comes(redis: Redis) -> None:
    plays = RedisPlayLog(redis)
    taking = asyncio.create_task(plays.take("one", 5.0))
    await asyncio.sleep(0.2)
    started = time.monotonic()
    await plays.append([receipt(1)])
    assert await taking is not None
    assert time.monotonic() - started < 1.0
    assert 0.0 <= (await plays.backlog()).oldest_seconds < 5.0


async def test_only_what_is_held_for_long_is_claimed(redis: Redis) -> None:
    plays = RedisPlayLog(redis)
    await plays.append([receipt(1)])
    assert await plays.take("slow", 0.01) is not None
    assert await plays.claim("eager", 60.0) is None
    await asyncio.sleep(0.05)
    assert await plays.claim("eager", 0.05) is not None
    # and from then on it is held by who claimed it
    assert await plays.claim("another", 0.05) is None


async def test_an_emptied_redis_goes_on(redis: Redis) -> None:
    plays = RedisPlayLog(redis)
    await plays.append([receipt(1)])
    await plays.take("one", 0.01)
    await redis.flushdb()
    assert await plays.take("one", 0.01) is None
    later = receipt(2)
    await plays.append([later])
    assert everything(await plays.take("one", 0.01)) == [later]


async def test_what_nobody_can_read_is_told_and_does_not_stand_in_the_way(redis: Redis) -> None:
    plays, good = RedisPlayLog(redis), receipt(1)
    await redis.xadd(STREAM, {"nonsense": "x", f"{good.ticket.text} ": "not packed"})
    await plays.append([good])
    batch = await plays.take("one", 0.01)
    assert batch is not None
    assert (everything(batch), batch.unreadable) == ([good], 2)


async def test_thousands_of_listens_fit_into_one_call(redis: Redis) -> None:
    plays, sent = RedisPlayLog(redis), [receipt(1) for _ in range(2_500)]
    assert await plays.append(sent)
    assert everything(*[await plays.take("one", 0.01) for _ in range(2)]) == sorted(sent)
    states = RedisListenStates(redis)
    known = await states.add({each.ticket.listen_id: each.reports for each in sent})
    assert [known[each.ticket.listen_id].reports for each in sent] == [each.reports for each in sent]


async def test_consumers_that_are_gone_are_forgotten(redis: Redis) -> None:
    plays = RedisPlayLog(redis, forget_after_ms=-1)
    await plays.append([receipt(1)])
    await plays.take("holds", 0.01)
    await plays.take("idle", 0.01)
    await plays.claim("mine", 60.0)
    names = {bytes(each["name"]) for each in await redis.xinfo_consumers(STREAM, GROUP)}
    assert b"holds" in names
    assert b"idle" not in names


async def test_a_listen_gathers_what_is_added(states: ListenStates) -> None:
    listen_id, first, more = new_id(), receipt(0, 1).reports, receipt(5, 9).reports
    assert await states.add({listen_id: first}) == {listen_id: Listen(first)}
    assert await states.add({listen_id: more}) == {listen_id: Listen((*first, *more))}
    await states.written({listen_id: 30_000})
    await states.written({listen_id: 20_000})
    again = await states.add({listen_id: more})
    assert (set(again[listen_id].reports), again[listen_id].written_ms) == ({*first, *more}, 30_000)


async def test_places_are_limited_and_kept(states: ListenStates) -> None:
    def place(listen_id: str, who: str = "ada", day: date = TODAY) -> Allotment:
        return Allotment(who, "track", day, listen_id, 2)

    assert await states.admit([]) == []
    assert await states.admit([place(each) for each in "abca"]) == [True, True, False, True]
    assert await states.admit([place("c"), place("b")]) == [False, True]
    assert await states.admit([place("c", who="bob"), place("c", day=date(2026, 11, 22))]) == [True, True]


async def test_a_listen_keeps_no_more_than_a_thousand_reports(redis: Redis) -> None:
    states, listen_id = RedisListenStates(redis), new_id()
    for _ in range(12):
        known = await states.add({listen_id: receipt(*range(100)).reports})
    assert len(known[listen_id].reports) == MOST_BYTES // 15
    await states.written({listen_id: 30_000})
    assert (await states.add({listen_id: receipt(100).reports}))[listen_id].written_ms == 30_000


async def test_nothing_is_kept_for_ever(redis: Redis) -> None:
    states, listen_id = RedisListenStates(redis), new_id()
    await states.add({listen_id: receipt(1).reports})
    await states.written({new_id(): 1})
    await states.admit([Allotment("ada", "track", TODAY, listen_id, 1)])
    keys = await redis.keys("cadenza:plays:*")
    assert len(keys) == 3
    assert all([0 < await redis.pttl(key) <= 48 * 3_600_000 for key in keys])


async def test_a_redis_that_is_away_is_an_outage() -> None:
    redis = redis_connection.connect(f"redis://{closed_address()}/0")
    plays, states = RedisPlayLog(redis), RedisListenStates(redis)
    asked = [
        plays.append([receipt(1)]),
        plays.take("one", 0.01),
        plays.claim("one", 0.0),
        plays.done(Batch(("1-0",), [])),
        plays.backlog(),
        states.add({new_id(): receipt(1).reports}),
        states.written({new_id(): 1}),
        states.admit([Allotment("ada", "track", TODAY, new_id(), 1)]),
    ]
    for each in asked:
        with pytest.raises(DependencyUnavailable):
            await each
    await redis.aclose()
