"""Everything that jobs keep of one person: to be given to them, or removed."""

from collections.abc import Sequence
from typing import Any

from domain.jobs.documents import JobDocument, OutboxDocument, StepDocument
from domain.jobs.model import FINAL, JobStatus

_OPEN = [status.value for status in JobStatus if status not in FINAL]
# How a worker was fenced off is no fact about the person.
_INTERNAL = {"lease": False, "hold_id": False, "revision": False}


class JobPersonalStore:
    """Jobs by owner, whatever state they are in."""

    async def has_open(self, owner_id: str) -> bool:
        query = {"owner_id": owner_id, "status": {"$in": _OPEN}}
        return await JobDocument.find_one(query) is not None

    async def dump(self, owner_id: str) -> Sequence[dict[str, Any]]:
        found = JobDocument.get_pymongo_collection().find({"owner_id": owner_id}, _INTERNAL).sort("_id")
        return await found.to_list()

    async def erase(self, owner_id: str) -> None:
        """The jobs go last: as long as they are there, the rest can be found."""
        jobs = JobDocument.get_pymongo_collection()
        ids = [raw["_id"] for raw in await jobs.find({"owner_id": owner_id}, {"_id": True}).to_list()]
        await StepDocument.get_pymongo_collection().delete_many({"job_id": {"$in": ids}})
        await OutboxDocument.get_pymongo_collection().delete_many({"job_id": {"$in": ids}})
        await jobs.delete_many({"owner_id": owner_id})
