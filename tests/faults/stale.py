"""What an attempt can leave behind: records in all collections, objects under its key, and events."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from domain.library.folders import folder_of
from tests.faults.evidence import COLLECTIONS, Bucket, Database

EVENTS = "cadenza:events:job:"


@dataclass(frozen=True)
class Traces:
    """All that is stored in the name of some jobs and of their owners."""

    records: Mapping[str, Sequence[Mapping[str, Any]]]
    objects: Mapping[str, int]
    events: Mapping[str, Sequence[Any]]

    def changes(self, later: "Traces") -> list[str]:
        """What has been written, changed or removed since."""
        found = [name for name in self.records if self.records[name] != later.records[name]]
        found += [f"object {key}" for key, _ in self.objects.items() ^ later.objects.items()]
        return found + [f"events of {job_id}" for job_id in self.events if self.events[job_id] != later.events[job_id]]


async def traces_of(database: Database, bucket: Bucket, redis: Redis, job_ids: Sequence[str]) -> Traces:
    """Of these jobs (bare ids) and of everything that their owners have."""
    owners = await database["jobs"].distinct("owner_id", {"_id": {"$in": list(job_ids)}})
    query = {"$or": [{"owner_id": {"$in": owners}}, {"job_id": {"$in": list(job_ids)}}, {"_id": {"$in": owners}}]}
    records = {name: await database[name].find(query).sort("_id").to_list() for name in COLLECTIONS}
    tracks = [request["track_id"] for request in records["generations"] if request["_id"] in job_ids]
    sizes = await asyncio.gather(*(bucket.sizes(f"{folder_of(track_id)}/") for track_id in tracks))
    events = {job_id: await redis.xrange(EVENTS + job_id) for job_id in job_ids}
    return Traces(records, {key: size for found in sizes for key, size in found.items()}, events)


async def objects_seen(bucket: Bucket, prefix: str, seconds: float) -> set[str]:
    """Every object that lay under a prefix for a moment, as far as looking again and again can tell."""
    seen: set[str] = set()
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        seen |= (await bucket.sizes(prefix)).keys()
        await asyncio.sleep(0.02)
    return seen
