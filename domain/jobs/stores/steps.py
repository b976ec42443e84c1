"""The queries of finished steps, by job."""

from datetime import datetime

from domain.jobs.documents import StepDocument
from domain.jobs.model import Lease
from domain.kit.transactions import Session


class StepStore:
    """What finished steps of jobs made. A step that is made again replaces the one before."""

    async def find(self, job_id: str, name: str) -> bytes | None:
        record = await StepDocument.get(f"{job_id}:{name}")
        return None if record is None else record.payload

    async def put(self, lease: Lease, name: str, payload: bytes, now: datetime, session: Session) -> None:
        step = {"job_id": lease.job_id, "name": name, "attempt": lease.attempt, "made_at": now, "payload": payload}
        await StepDocument.get_pymongo_collection().replace_one(
            {"_id": f"{lease.job_id}:{name}"}, step, upsert=True, session=session
        )

    async def remove(self, job_id: str, name: str | None = None, session: Session | None = None) -> None:
        query = {"job_id": job_id} if name is None else {"job_id": job_id, "name": name}
        await StepDocument.get_pymongo_collection().delete_many(query, session=session)
