"""Everything that a stack has stored, read once: all records, and the size of every object in the bucket."""

import hashlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aioboto3
from aiobotocore.config import AioConfig
from pymongo.asynchronous.database import AsyncDatabase

from adapters import mongo
from bootstrap.settings import MongoSettings
from deploy.embedded import Endpoints

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

Record = Mapping[str, Any]
Database = AsyncDatabase[dict[str, Any]]


@dataclass(frozen=True)
class Evidence:
    """The records by collection, as MongoDB has them, and the sizes of all objects in bytes by key."""

    jobs: Sequence[Record] = ()
    job_outbox: Sequence[Record] = ()
    job_steps: Sequence[Record] = ()
    generations: Sequence[Record] = ()
    uploads: Sequence[Record] = ()
    bulk_edits: Sequence[Record] = ()
    account_archives: Sequence[Record] = ()
    versions: Sequence[Record] = ()
    tracks: Sequence[Record] = ()
    renditions: Sequence[Record] = ()
    credit_wallets: Sequence[Record] = ()
    credit_transfers: Sequence[Record] = ()
    idempotency_keys: Sequence[Record] = ()
    payment_orders: Sequence[Record] = ()
    objects: Mapping[str, int] = field(default_factory=dict)


COLLECTIONS = tuple(name for name in Evidence.__dataclass_fields__ if name != "objects")


@asynccontextmanager
async def open_database(endpoints: Endpoints) -> AsyncGenerator[Database, None]:
    """The application's database, past the application."""
    client = mongo.connect(endpoints.mongo_url)
    try:
        yield client[MongoSettings(url=endpoints.mongo_url).database]
    finally:
        await client.close()


@asynccontextmanager
async def open_bucket(endpoints: Endpoints) -> AsyncGenerator["Bucket", None]:
    session = aioboto3.Session(endpoints.s3_access_key, endpoints.s3_secret_key, region_name=endpoints.s3_region)
    config = AioConfig(s3={"addressing_style": "path"}, read_timeout=30)
    async with session.client("s3", endpoint_url=endpoints.s3_endpoint, config=config) as client:
        yield Bucket(client, endpoints.s3_bucket)


class Bucket:
    """The object store, past the application."""

    def __init__(self, client: "S3Client", name: str) -> None:
        self._client = client
        self._name = name

    async def sizes(self, prefix: str = "") -> dict[str, int]:
        """The sizes of the objects under a prefix, in bytes by key."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._name, Prefix=prefix)
        return {item["Key"]: item["Size"] async for page in pages for item in page.get("Contents", [])}

    async def sha256(self, key: str) -> str:
        answer = await self._client.get_object(Bucket=self._name, Key=key)
        return hashlib.sha256(await answer["Body"].read()).hexdigest()


async def gather(database: Database, bucket: Bucket) -> Evidence:
    """All of it; worth something only while nothing goes on."""
    records = {name: await database[name].find().sort("_id").to_list() for name in COLLECTIONS}
    return Evidence(**records, objects=await bucket.sizes())
