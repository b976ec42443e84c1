"""MongoDB through Beanie: the connection, the transactions, and which errors mean that it is out of reach."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import pymongo
from beanie import Document, init_beanie
from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    AutoReconnect,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
)

from domain.kit.changes import Changes
from domain.kit.errors import DependencyUnavailable
from domain.kit.transactions import DuplicateKey

T = TypeVar("T")

Client = AsyncMongoClient[dict[str, Any]]

# Longer than the election of a new primary; without it the driver goes on for two minutes.
TRANSACTION_SECONDS = 15.0

NAMESPACE_NOT_FOUND = 26
INDEX_NOT_FOUND = 27
NAMESPACE_EXISTS = 48

_OUT_OF_REACH = (
    AutoReconnect,
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
)


def connect(url: str, timeout_seconds: float = 5.0) -> Client:
    """A client for the running event loop; it connects on first use."""
    return AsyncMongoClient(
        url,
        tz_aware=True,
        appname="cadenza",
        serverSelectionTimeoutMS=int(timeout_seconds * 1000),
        connectTimeoutMS=int(timeout_seconds * 1000),
        socketTimeoutMS=20_000,
        w="majority",
        readConcernLevel="majority",
    )


async def prepare(client: Client, database: str, documents: Sequence[type[Document]]) -> None:
    """Binds the documents to the database, sets their validators and makes their indexes what they should be.

    A document may have `Settings.validator`, a query that MongoDB itself checks every write against, and
    `Settings.retired_indexes`, the names of indexes that it had and that must not be there any more; none may have the
    keys of one that it has.
    """
    for document in documents:
        settings: Any = getattr(document, "Settings", None)
        if (validator := getattr(settings, "validator", None)) is not None:
            await _set_validator(client[database], settings.name, validator)
    await init_beanie(database=client[database], document_models=list(documents))
    # When those that stand for them are there.
    for document in documents:
        settings = getattr(document, "Settings", None)
        for index in getattr(settings, "retired_indexes", ()):
            await _drop_index(client[database], settings.name, index)


async def _set_validator(database: AsyncDatabase[dict[str, Any]], collection: str, validator: dict[str, Any]) -> None:
    """Changes nothing when it is set already; another program may be doing the same."""
    try:
        await database.command("create", collection, validator=validator)
    except OperationFailure as error:
        if error.code != NAMESPACE_EXISTS:
            raise
        cursor = await database.list_collections(filter={"name": collection})
        (found,) = await cursor.to_list()
        if found["options"].get("validator") != validator:
            await database.command("collMod", collection, validator=validator)


async def _drop_index(database: AsyncDatabase[dict[str, Any]], collection: str, index: str) -> None:
    try:
        await database[collection].drop_index(index)
    except OperationFailure as error:
        if error.code not in (NAMESPACE_NOT_FOUND, INDEX_NOT_FOUND):
            raise


async def ping(client: Client) -> None:
    """Raises `DependencyUnavailable` when no primary answers."""
    try:
        await client.admin.command("ping")
    except _OUT_OF_REACH as error:
        raise _unavailable(error) from error


async def has_transactions(client: Client) -> bool:
    """Whether this is a replica set or a router in front of shards; a single server has no transactions."""
    hello = await client.admin.command("hello")
    return "setName" in hello or hello.get("msg") == "isdbgrid"


def as_unavailable(error: BaseException) -> DependencyUnavailable | None:
    """What a driver error means to a service: MongoDB is out of reach, or None for any other error."""
    return _unavailable(error) if isinstance(error, _OUT_OF_REACH) else None


def _unavailable(error: BaseException) -> DependencyUnavailable:
    return DependencyUnavailable("MongoDB", str(error)[:200])


class MongoTransactions:
    """Multi-document transactions; the driver repeats the work on transient conflicts until the time is over."""

    def __init__(self, client: Client, changes: Changes, timeout_seconds: float = TRANSACTION_SECONDS) -> None:
        """What is noted with a session in `changes` is told when its transaction is over."""
        self._client = client
        self._changes = changes
        self._timeout_seconds = timeout_seconds

    async def run(self, work: Callable[[AsyncClientSession], Awaitable[T]]) -> T:
        """Raises `DuplicateKey` and `DependencyUnavailable`; otherwise what the work raises."""
        async with self._client.start_session() as session:
            try:
                with pymongo.timeout(self._timeout_seconds):
                    return await session.with_transaction(work)
            except DuplicateKeyError as error:
                raise DuplicateKey() from error
            except _OUT_OF_REACH as error:
                raise _unavailable(error) from error
            finally:
                await self._changes.settled(session)
