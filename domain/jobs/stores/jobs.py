"""The queries of jobs. People's reads are bound to the owner; workers' writes are bound to the lease."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument

from domain.jobs.documents import JobDocument, LeasePart, OutboxDocument
from domain.jobs.model import (
    FINAL,
    RETRYABLE,
    Job,
    JobProblem,
    JobStage,
    JobStatus,
    Lease,
    NewJob,
    hold_id,
)
from domain.jobs.stores.fields import final_fields, to_job, to_lease, waiting_fields
from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import Session

Update = Mapping[str, Any]

_OPEN = [status.value for status in JobStatus if status not in FINAL]
_TOOK_SECONDS = {"$divide": [{"$subtract": ["$finished_at", "$started_at"]}, 1000]}


def _parsed(raw: Mapping[str, Any] | None) -> Job | None:
    return None if raw is None else to_job(JobDocument.model_validate(raw))


class JobStore:
    """Reads and conditional writes on `jobs` and `job_outbox`."""

    async def insert(
        self, new: NewJob, expected_seconds: float, now: datetime, expires_at: datetime, session: Session
    ) -> Job:
        """A queued job with its outbox line."""
        record = JobDocument.model_validate(
            {
                "id": new.id,
                "kind": new.kind,
                "owner_id": new.owner_id,
                "status": JobStatus.QUEUED,
                "stage": JobStage.WAITING,
                "eta_seconds": round(expected_seconds, 1),
                "created_at": now,
                "changed_at": now,
                "due_at": now,
                "expires_at": expires_at,
                "nominal_seconds": new.nominal_seconds,
                "expected_seconds": expected_seconds,
                "deadline_seconds": new.deadline_seconds,
                "stage_limits": new.stage_limits,
                "stage_times": [{"stage": JobStage.WAITING, "started_at": now}],
                "share": asdict(new.share),
                "price": new.price,
                "list_price": new.price,
                "hold_id": hold_id(new.id, 1),
            }
        )
        await record.insert(session=session)
        job = to_job(record)
        await self.add_message(job, now, session)
        return job

    async def find(self, job_id: str, session: Session | None = None) -> Job | None:
        record = await JobDocument.get(job_id, session=session)
        return None if record is None else to_job(record)

    async def find_many(self, job_ids: Sequence[str]) -> Sequence[Job]:
        """These jobs, in this order."""
        found = await JobDocument.find({"_id": {"$in": list(job_ids)}}).to_list()
        jobs = {record.id: to_job(record) for record in found}
        return [jobs[job_id] for job_id in job_ids if job_id in jobs]

    async def find_owned(self, owner_id: str, job_id: str) -> Job | None:
        record = await JobDocument.find_one({"_id": job_id, "owner_id": owner_id})
        return None if record is None else to_job(record)

    async def find_many_owned(self, owner_id: str, job_ids: Sequence[str]) -> dict[str, Job]:
        query = {"_id": {"$in": list(job_ids)}, "owner_id": owner_id}
        return {record.id: to_job(record) for record in await JobDocument.find(query).to_list()}

    async def revisions_owned(self, wanted: Collection[tuple[str, str]]) -> dict[str, int]:
        """The revisions of jobs by id, of those pairs of owner and job that belong together."""
        query = {"_id": {"$in": [job_id for _, job_id in wanted]}}
        found = JobDocument.get_pymongo_collection().find(query, {"owner_id": 1, "revision": 1})
        return {raw["_id"]: raw["revision"] async for raw in found if (raw["owner_id"], raw["_id"]) in wanted}

    async def page_owned(self, owner_id: str, page: PageRequest) -> Page[Job]:
        query: dict[str, Any] = {"owner_id": owner_id}
        if page.after is not None:
            query["_id"] = {"$lt": page.after}
        found = await JobDocument.find(query).sort("-_id").limit(page.first + 1).to_list()
        return Page.cut([to_job(record) for record in found], page)

    async def open_owned(self, owner_id: str) -> Sequence[Job]:
        """The owner's jobs that are not finished, oldest first."""
        query = {"owner_id": owner_id, "status": {"$in": _OPEN}}
        return [to_job(record) for record in await JobDocument.find(query).sort("_id").to_list()]

    async def changed_owned(self, owner_id: str, since: datetime, limit: int) -> Sequence[Job]:
        """The owner's jobs that changed from `since` on, the latest of them, in the order of their changes."""
        query = {"owner_id": owner_id, "changed_at": {"$gte": since}}
        found = await JobDocument.find(query).sort("-changed_at").limit(limit).to_list()
        return [to_job(record) for record in reversed(found)]

    async def count_waiting(self, owner_id: str) -> int:
        return await JobDocument.find({"owner_id": owner_id, "status": JobStatus.QUEUED}).count()

    async def recent_ratios(self, kind: str, limit: int) -> Sequence[float]:
        """How the latest successful attempts of a kind took in proportion to their nominal time, newest first."""
        pipeline: list[dict[str, Any]] = [
            {"$match": {"kind": kind, "status": JobStatus.SUCCEEDED, "attempt": 1, "nominal_seconds": {"$gt": 0}}},
            {"$sort": {"finished_at": -1}},
            {"$limit": limit},
            {"$project": {"ratio": {"$divide": [_TOOK_SECONDS, "$nominal_seconds"]}}},
        ]
        cursor = await JobDocument.get_pymongo_collection().aggregate(pipeline)
        return [found["ratio"] for found in await cursor.to_list()]

    async def page_dead(self, page: PageRequest) -> Page[Job]:
        """Jobs that were given up for good, of all owners, newest first."""
        query: dict[str, Any] = {"dead_letter.code": {"$type": "string"}}
        if page.after is not None:
            query["_id"] = {"$lt": page.after}
        found = await JobDocument.find(query).sort("-_id").limit(page.first + 1).to_list()
        return Page.cut([to_job(record) for record in found], page)

    async def reopen(
        self,
        where: Mapping[str, Any],
        found: Job,
        changes: Update,
        now: datetime,
        expires_at: datetime,
        session: Session,
    ) -> Job | None:
        """Gives a job that ended without a result a new run of attempts; None when it changed in the meantime."""
        attempt = found.attempt + 1
        fields = {
            **waiting_fields(now, expires_at, attempt),
            "eta_seconds": round(found.expected_seconds, 1),
            "failures": 0,
            "finished_at": None,
            "problem": None,
            "dead_letter": None,
            "cancel_requested": False,
            "hold_id": hold_id(found.id, attempt),
            **changes,
        }
        query = {**where, "_id": found.id, "attempt": found.attempt, "status": {"$in": [s.value for s in RETRYABLE]}}
        return await self._queue_again(query, {"$set": fields}, now, now, session)

    async def claim(
        self, job_id: str, attempt: int, token: str, worker: str, now: datetime, expires_at: datetime
    ) -> tuple[Job, Lease] | None:
        """Turns a queued attempt into a running one; None when somebody else has it or it is not queued."""
        lease = {
            "token": token,
            "worker": worker,
            "started_at": now,
            "expires_at": expires_at,
            "deadline_at": {"$add": [now, {"$multiply": ["$deadline_seconds", 1000]}]},
        }
        entered = {"stage": JobStage.UNDERSTANDING, "started_at": now}
        fields = {
            "status": JobStatus.RUNNING,
            "stage": JobStage.UNDERSTANDING,
            "started_at": now,
            "changed_at": now,
            "revision": {"$add": ["$revision", 1]},
            "stage_times": {"$concatArrays": ["$stage_times", [entered]]},
            "lease": lease,
        }
        raw = await JobDocument.get_pymongo_collection().find_one_and_update(
            {"_id": job_id, "attempt": attempt, "status": JobStatus.QUEUED},
            [{"$set": fields}],
            return_document=ReturnDocument.AFTER,
        )
        if raw is None:
            return None
        record = JobDocument.model_validate(raw)
        return to_job(record), to_lease(record, LeasePart.model_validate(raw["lease"]))

    async def extend_lease(self, lease: Lease, expires_at: datetime, session: Session | None = None) -> Job | None:
        """Moves the lease's end. Not a change that people see, so the revision stays."""
        raw = await JobDocument.get_pymongo_collection().find_one_and_update(
            self._held(lease),
            {"$set": {"lease.expires_at": expires_at}},
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        return _parsed(raw)

    async def advance(
        self,
        lease: Lease,
        fields: Update,
        now: datetime,
        entered: JobStage | None = None,
        session: Session | None = None,
    ) -> Job | None:
        """Writes progress under the lease; `entered` records the beginning of a new stage."""
        update: dict[str, Any] = {"$set": dict(fields)}
        if entered is not None:
            update["$push"] = {"stage_times": {"stage": entered, "started_at": now}}
        return await self._change(self._held(lease), update, now, session)

    async def requeue(
        self, lease: Lease, now: datetime, due_at: datetime, expires_at: datetime, *, failed: bool, session: Session
    ) -> Job | None:
        """Gives the next attempt to the queue, in place of the one that holds the lease."""
        fields = {**waiting_fields(due_at, expires_at, lease.attempt + 1), "eta_seconds": None}
        update = {"$set": fields, "$inc": {"failures": int(failed)}}
        return await self._queue_again(self._held(lease), update, now, due_at, session)

    async def _queue_again(
        self, query: Update, update: Mapping[str, Any], now: datetime, due_at: datetime, session: Session
    ) -> Job | None:
        waiting = {"stage": JobStage.WAITING, "started_at": now}
        job = await self._change(query, {**update, "$push": {"stage_times": waiting}}, now, session)
        if job is not None:
            await self.add_message(job, due_at, session)
        return job

    async def finish_queued(
        self, found: Job, status: JobStatus, problem: JobProblem, now: datetime, session: Session
    ) -> Job | None:
        """Ends a job that no worker holds."""
        query = {"_id": found.id, "attempt": found.attempt, "status": JobStatus.QUEUED}
        return await self._change(query, {"$set": final_fields(status, problem, now)}, now, session)

    async def request_cancel(self, owner_id: str, job_id: str, now: datetime) -> Job | None:
        open_job = {"_id": job_id, "owner_id": owner_id, "status": {"$in": _OPEN}}
        return await self._change(open_job, {"$set": {"cancel_requested": True}}, now)

    async def add_message(self, job: Job, due_at: datetime, session: Session) -> None:
        record = OutboxDocument(id=_message_id(job), job_id=job.id, attempt=job.attempt, due_at=due_at)
        await record.insert(session=session)

    async def remove_message(self, job: Job) -> None:
        await OutboxDocument.find_one({"_id": _message_id(job)}).delete()

    async def unsent(self, before: datetime, limit: int) -> Sequence[Job]:
        """Queued jobs of which the queue has not heard; lines of attempts that are past are removed."""
        lines = await OutboxDocument.find({"due_at": {"$lte": before}}).sort("due_at").limit(limit).to_list()
        if not lines:
            return []
        query = {"_id": {"$in": [line.job_id for line in lines]}, "status": JobStatus.QUEUED}
        queued = {_message_id(job): job for job in map(to_job, await JobDocument.find(query).to_list())}
        past = [line.id for line in lines if line.id not in queued]
        await OutboxDocument.find({"_id": {"$in": past}}).delete()
        return [queued[line.id] for line in lines if line.id in queued]

    async def count_due(self, now: datetime) -> int:
        """How many queued jobs could be picked up."""
        return await JobDocument.find({"status": JobStatus.QUEUED, "due_at": {"$lte": now}}).count()

    async def waiting_since(self, before: datetime, limit: int, after: str | None) -> Sequence[Job]:
        """Queued jobs that could be picked up before this moment, by id, beginning behind `after`."""
        query: dict[str, Any] = {"status": JobStatus.QUEUED, "due_at": {"$lte": before}}
        if after is not None:
            query["_id"] = {"$gt": after}
        return [to_job(record) for record in await JobDocument.find(query).sort("_id").limit(limit).to_list()]

    async def canceled_in_line(self, limit: int) -> Sequence[Job]:
        """Queued jobs whose owner has canceled them while somebody was about to queue them again."""
        query = {"status": JobStatus.QUEUED, "cancel_requested": True}
        return [to_job(record) for record in await JobDocument.find(query).limit(limit).to_list()]

    async def waited_too_long(self, now: datetime, limit: int) -> Sequence[Job]:
        query = {"status": JobStatus.QUEUED, "expires_at": {"$lte": now}}
        return [to_job(record) for record in await JobDocument.find(query).limit(limit).to_list()]

    async def workers(self, machine: str) -> Sequence[str]:
        """The workers that have leases and whose names begin like this."""
        query = {"status": JobStatus.RUNNING, "lease.worker": {"$regex": f"^{re.escape(machine)}"}}
        found: list[str] = await JobDocument.get_pymongo_collection().distinct("lease.worker", query)
        return found

    async def abandoned(self, now: datetime, gone: Sequence[str], limit: int) -> Sequence[tuple[Job, Lease]]:
        """Running jobs whose lease ran out, or whose worker is one of those that are gone.

        Each with the lease that must still be in place to end it.
        """
        query = {
            "status": JobStatus.RUNNING,
            "$or": [{"lease.expires_at": {"$lte": now}}, {"lease.worker": {"$in": list(gone)}}],
        }
        found = await JobDocument.find(query).limit(limit).to_list()
        return [
            (
                to_job(record),
                to_lease(record, part),
            )
            for record in found
            if (part := record.lease) is not None
        ]

    async def count_by_status(self) -> Mapping[JobStatus, int]:
        return {
            status: await JobDocument.find({"status": status}).count()
            for status in (JobStatus.QUEUED, JobStatus.RUNNING)
        }

    @staticmethod
    def _held(lease: Lease) -> dict[str, Any]:
        return {
            "_id": lease.job_id,
            "attempt": lease.attempt,
            "status": JobStatus.RUNNING,
            "lease.token": lease.token,
        }

    @staticmethod
    async def _change(
        query: Mapping[str, Any], update: Update, now: datetime, session: Session | None = None
    ) -> Job | None:
        raw = await JobDocument.get_pymongo_collection().find_one_and_update(
            query,
            {
                **update,
                "$set": {**update.get("$set", {}), "changed_at": now},
                "$inc": {**update.get("$inc", {}), "revision": 1},
            },
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        return _parsed(raw)


def _message_id(job: Job) -> str:
    return f"{job.id}:{job.attempt}"
