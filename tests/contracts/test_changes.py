"""Who hears of changes, and when: within one process, and through Redis."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis

from adapters import mongo
from adapters.memory.changes import MemoryChanges
from adapters.mongo import MongoTransactions
from adapters.redis import connection as redis_connection
from adapters.redis.changes import RedisChanges
from deploy.embedded import Endpoints
from domain.kit.changes import Changes
from domain.kit.ids import new_id
from domain.kit.transactions import Session
from tests.patience import eventually
from tests.relay import open_relay


@dataclass(eq=False)
class Ear:
    """Keeps what it was told."""

    heard: list[str] = field(default_factory=list)
    is_hearing: bool = False

    def hearing(self) -> None:
        self.is_hearing = True

    def changed(self, owner_id: str) -> None:
        self.heard.append(owner_id)

    def deaf(self) -> None:
        self.is_hearing = False


@pytest.fixture
async def redis(redis_url: str) -> AsyncGenerator[Redis, None]:
    found = redis_connection.connect(redis_url)
    yield found
    await found.aclose()


@pytest.fixture(params=["memory", "redis"])
def changes(request: pytest.FixtureRequest, redis: Redis) -> Changes:
    return MemoryChanges() if request.param == "memory" else RedisChanges(redis, f"test:{new_id()}")


async def heard(ear: Ear, *owner_ids: str) -> None:
    """Waits until just these were told; of one change, it may be told twice."""

    await eventually(lambda: {*ear.heard} == {*owner_ids})


async def is_listening(ear: Ear) -> None:
    await eventually(lambda: ear.is_hearing)


async def test_a_change_is_told_to_all_who_hear(changes: Changes) -> None:
    first, second = Ear(), Ear()
    async with changes.hear(first), changes.hear(second):
        await is_listening(first)
        await is_listening(second)
        await changes.note("ada")
        await heard(first, "ada")
        await heard(second, "ada")
    assert (first.is_hearing, second.is_hearing) == (False, False)
    await changes.note("bob")
    assert set(first.heard) == {"ada"}


@pytest.mark.parametrize("fails", [False, True])
async def test_a_transaction_is_told_when_it_is_over(changes: Changes, endpoints: Endpoints, fails: bool) -> None:
    # given a transaction that notes a change
    client, database, ear = mongo.connect(endpoints.mongo_url), f"test_{new_id()}", Ear()
    seen: list[list[str]] = []

    async def work(session: Session) -> None:
        await client[database]["things"].insert_one({"_id": "thing"}, session=session)
        await changes.note("ada", session)
        seen.append(list(ear.heard))
        if fails:
            raise RuntimeError

    async with changes.hear(ear):
        await is_listening(ear)
        # when it ends
        with suppress(RuntimeError):
            await MongoTransactions(client, changes).run(work)
        await changes.note("bob")
        # then it is told, however it ended, and was not told before
        await heard(ear, "ada", "bob")
        assert seen == [[]]
    await client.drop_database(database)
    await client.close()


async def test_other_processes_hear_through_redis(redis: Redis, redis_url: str) -> None:
    channel, ear = f"test:{new_id()}", Ear()
    async with RedisChanges(redis, channel).hear(ear), AsyncExitStack() as stack:
        other = redis_connection.connect(redis_url)
        stack.push_async_callback(other.aclose)
        await is_listening(ear)
        await RedisChanges(other, channel).note("ada")
        await heard(ear, "ada")
    assert ear.heard == ["ada"]


async def test_who_loses_the_connection_knows_it_and_hears_again(redis: Redis, redis_url: str) -> None:
    # given somebody who hears over a line of their own
    address, channel, ear = urlsplit(redis_url), f"test:{new_id()}", Ear()
    assert address.hostname is not None
    assert address.port is not None
    async with open_relay(address.hostname, address.port) as relay, AsyncExitStack() as stack:
        own = redis_connection.connect(f"redis://127.0.0.1:{relay.own_port}/0")
        stack.push_async_callback(own.aclose)
        async with RedisChanges(own, channel).hear(ear):
            await is_listening(ear)
            # when it is cut, then this is known, and a write that nobody hears of does not fail
            await relay.cut()

            await eventually(lambda: not ear.is_hearing)
            await RedisChanges(own, channel).note("lost")
            # and when it is there again
            await relay.open()
            await is_listening(ear)
            await RedisChanges(redis, channel).note("ada")
            await heard(ear, "ada")
