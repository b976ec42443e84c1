"""Databases for tests, emptied and lent again: to make one takes a second for its indexes, to empty one 30 ms."""

from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from beanie import init_beanie

from adapters import mongo
from bootstrap.areas import DOCUMENTS
from domain.kit.ids import new_id

# Options, and so validators and the collection's own id, and indexes, by collection.
Catalogue = dict[str, tuple[dict[str, Any], list[dict[str, Any]]]]


@dataclass(frozen=True)
class Database:
    """As it was when it was made."""

    name: str
    catalogue: Catalogue


# Those that nobody has, by the server's address.
_IDLE: defaultdict[str, list[Database]] = defaultdict(list)


@asynccontextmanager
async def lent_database(url: str, client: mongo.Client) -> AsyncGenerator[str, None]:
    """The name of an empty database, bound to this client.

    One in which a test has changed more than documents is dropped when its turn comes.
    """
    database = await _emptied(_IDLE[url], client) or await _made(client)
    yield database.name
    _IDLE[url].append(database)


async def _emptied(idle: list[Database], client: mongo.Client) -> Database | None:
    """Emptied before it is used, so that whoever wrote late leaves nothing behind."""
    while idle:
        database = idle.pop()
        if await _catalogue(client, database.name) != database.catalogue:
            await client.drop_database(database.name)
            continue
        for name in database.catalogue:
            if (await client[database.name][name].delete_many({})).deleted_count:
                # Plans that were best for those documents
                await client[database.name].command("planCacheClear", name)
        await init_beanie(database=client[database.name], document_models=list(DOCUMENTS), skip_indexes=True)
        return database
    return None


async def _made(client: mongo.Client) -> Database:
    name = f"test_{new_id()}"
    await mongo.prepare(client, name, DOCUMENTS)
    return Database(name, await _catalogue(client, name))


async def _catalogue(client: mongo.Client, name: str) -> Catalogue:
    found = await client.admin.aggregate([{"$listCatalog": {}}, {"$match": {"db": name}}])
    return {
        entry["name"]: (entry["md"]["options"], [index["spec"] for index in entry["md"]["indexes"]])
        async for entry in found
    }
