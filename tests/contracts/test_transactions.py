"""What transactions promise on a real MongoDB. They have no twin: tests of services use a real database."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import pytest
from pymongo.asynchronous.collection import AsyncCollection

from adapters import mongo
from adapters.memory.changes import MemoryChanges
from adapters.mongo import MongoTransactions
from deploy.embedded import Endpoints
from domain.kit.errors import DependencyUnavailable, NotFound
from domain.kit.ids import new_id
from domain.kit.transactions import DuplicateKey, Session
from tests.contracts.closed_port import closed_address


@dataclass(frozen=True)
class Ledger:
    """Transactions and a collection of their own to write into."""

    transactions: MongoTransactions
    entries: AsyncCollection[dict[str, Any]]

    async def ids(self) -> list[str]:
        return sorted([entry["_id"] async for entry in self.entries.find()])


@pytest.fixture
async def ledger(endpoints: Endpoints) -> AsyncGenerator[Ledger, None]:
    client = mongo.connect(endpoints.mongo_url)
    database = f"test_{new_id()}"
    entries = client[database]["entries"]
    await entries.create_index("number", unique=True)
    yield Ledger(MongoTransactions(client, MemoryChanges()), entries)
    await client.drop_database(database)
    await client.close()


async def test_all_writes_of_a_transaction_are_there_after_it(ledger: Ledger) -> None:
    async def work(session: Session) -> str:
        await ledger.entries.insert_one({"_id": "a", "number": 1}, session=session)
        await ledger.entries.insert_one({"_id": "b", "number": 2}, session=session)
        return "done"

    assert await ledger.transactions.run(work) == "done"
    assert await ledger.ids() == ["a", "b"]


async def test_nobody_sees_a_write_before_the_commit(ledger: Ledger) -> None:
    async def work(session: Session) -> list[str]:
        await ledger.entries.insert_one({"_id": "a", "number": 1}, session=session)
        return await ledger.ids()

    assert await ledger.transactions.run(work) == []
    assert await ledger.ids() == ["a"]


async def test_an_error_leaves_nothing_behind_and_comes_out_as_it_is(ledger: Ledger) -> None:
    async def work(session: Session) -> None:
        await ledger.entries.insert_one({"_id": "a", "number": 1}, session=session)
        raise NotFound("thing", "x")

    with pytest.raises(NotFound):
        await ledger.transactions.run(work)
    assert await ledger.ids() == []


async def test_a_unique_index_refuses_the_whole_transaction(ledger: Ledger) -> None:
    await ledger.entries.insert_one({"_id": "a", "number": 1})

    async def work(session: Session) -> None:
        await ledger.entries.insert_one({"_id": "b", "number": 2}, session=session)
        await ledger.entries.insert_one({"_id": "c", "number": 1}, session=session)

    with pytest.raises(DuplicateKey):
        await ledger.transactions.run(work)
    assert await ledger.ids() == ["a"]


async def test_of_two_that_insert_the_same_key_at_once_one_wins(ledger: Ledger) -> None:
    async def insert(entry_id: str) -> None:
        async def work(session: Session) -> None:
            await ledger.entries.insert_one({"_id": entry_id, "number": 1}, session=session)

        await ledger.transactions.run(work)

    outcomes = await asyncio.gather(insert("a"), insert("b"), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["DuplicateKey", "NoneType"]
    assert len(await ledger.ids()) == 1


async def test_transactions_in_each_others_way_all_happen(ledger: Ledger) -> None:
    await ledger.entries.insert_one({"_id": "sum", "number": 0})

    async def work(session: Session) -> None:
        found = await ledger.entries.find_one({"_id": "sum"}, session=session)
        assert found is not None
        await ledger.entries.update_one({"_id": "sum"}, {"$set": {"number": found["number"] + 1}}, session=session)

    await asyncio.gather(*(ledger.transactions.run(work) for _ in range(5)))
    assert await ledger.entries.find_one({"_id": "sum"}) == {"_id": "sum", "number": 5}


@pytest.mark.timeout(20)
async def test_a_database_out_of_reach_says_so() -> None:
    client = mongo.connect(f"mongodb://{closed_address()}/?directConnection=true", timeout_seconds=0.3)

    async def work(session: Session) -> None:
        await client["test"]["entries"].insert_one({"_id": "a"}, session=session)

    with pytest.raises(DependencyUnavailable) as failure:
        await MongoTransactions(client, MemoryChanges(), timeout_seconds=1.0).run(work)
    assert failure.value.dependency == "MongoDB"
    with pytest.raises(DependencyUnavailable):
        await mongo.ping(client)
    # PyMongo 4.20 leaves a socket open when it is closed while its monitor connects, which it tries every 0.5 s.
    await asyncio.sleep(0.8)
    await client.close()
