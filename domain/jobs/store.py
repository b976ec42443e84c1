"""The queries of jobs. People's reads are bound to the owner; workers' writes are bound to the lease."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from pymongo import ReturnDocument

from domain.jobs.documents import JobDocument, LeasePart, OutboxDocument
from domain.jobs.events import WorkMessage
from domain.jobs.model import FINAL, Job, JobProblem, JobStage, JobStatus, Lease, NewJob, StageTime
from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import Session

IDEMPOTENCY_WINDOW = timedelta(hours=24)

Update = Mapping[str, Any]


def to_job(record: JobDocument) -> Job:
    problem = record.problem
    return Job(
        id=record.id,
        kind=record.kind,
        owner_id=record.owner_id,
        status=record.status,
        stage=record.stage,
        progress=record.progress,
        eta_seconds=record.eta_seconds,
        is_playable=record.is_playable,
        attempt=record.attempt,
        revision=record.revision,
        created_at=record.created_at,
        started_at=record.started_at,
        finished_at=record.finished_at,
        problem=None if problem is None else JobProblem(problem.code, problem.message),
        cancel_requested=record.cancel_requested,
        stage_times=tuple(StageTime(part.stage, part.started_at) for part in record.stage_times),
    )


def to_lease(record: JobDocument, part: LeasePart) -> Lease:
    return Lease(
        job_id=record.id,
        attempt=record.attempt,
        token=part.token,
        worker=part.worker,
        started_at=part.started_at,
        deadline_at=part.deadline_at,
        expected_seconds=record.expected_seconds,
    )


def _parsed(raw: Mapping[str, Any] | None) -> Job | None:
    return None if raw is None else to_job(JobDocument.model_validate(raw))


class JobStore:
    """Reads and conditional writes on `jobs` and `job_outbox`."""

    async def insert(self, new: NewJob, now: datetime, expires_at: datetime, session: Session) -> Job:
        idempotency = None
        if new.idempotency_key is not None:
            idempotency = {
                "key": new.idempotency_key,
                "fingerprint": new.fingerprint or "",
                "expires_at": now + IDEMPOTENCY_WINDOW,
            }
        record = JobDocument.model_validate(
            {
                "id": new.id,
                "kind": new.kind,
                "owner_id": new.owner_id,
                "status": JobStatus.QUEUED,
                "stage": JobStage.WAITING,
                "eta_seconds": round(new.expected_seconds, 1),
                "created_at": now,
                "due_at": now,
                "expires_at": expires_at,
                "expected_seconds": new.expected_seconds,
                "deadline_seconds": new.deadline_seconds,
                "stage_times": [{"stage": JobStage.WAITING, "started_at": now}],
                "idempotency": idempotency,
            }
        )
        await record.insert(session=session)
        await self.add_message(WorkMessage(new.kind, new.id, 1), now, session)
        return to_job(record)

    async def find(self, job_id: str, session: Session | None = None) -> Job | None:
        record = await JobDocument.get(job_id, session=session)
        return None if record is None else to_job(record)

    async def find_owned(self, owner_id: str, job_id: str) -> Job | None:
        record = await JobDocument.find_one({"_id": job_id, "owner_id": owner_id})
        return None if record is None else to_job(record)

    async def find_many_owned(self, owner_id: str, job_ids: Sequence[str]) -> dict[str, Job]:
        query = {"_id": {"$in": list(job_ids)}, "owner_id": owner_id}
        return {record.id: to_job(record) for record in await JobDocument.find(query).to_list()}

    async def page_owned(self, owner_id: str, page: PageRequest) -> Page[Job]:
        query: dict[str, Any] = {"owner_id": owner_id}
        if page.after is not None:
            query["_id"] = {"$lt": page.after}
        found = await JobDocument.find(query).sort("-_id").limit(page.first + 1).to_list()
        return Page.cut([to_job(record) for record in found], page)

    async def find_by_key(self, owner_id: str, key: str, now: datetime) -> tuple[Job, str] | None:
        """The job made with this idempotency key and its input's fingerprint; a key past its day is freed."""
        owned = {"owner_id": owner_id, "idempotency.key": key}
        collection = JobDocument.get_pymongo_collection()
        await collection.update_one({**owned, "idempotency.expires_at": {"$lt": now}}, {"$set": {"idempotency": None}})
        record = await JobDocument.find_one(owned)
        if record is None or record.idempotency is None:
            return None
        return to_job(record), record.idempotency.fingerprint

    async def claim(self, lease: Lease, now: datetime, expires_at: datetime) -> Job | None:
        """Turns a queued attempt into a running one; None when somebody else has it or it is not queued."""
        stage = {"stage": JobStage.UNDERSTANDING, "started_at": now}
        return await self._change(
            {"_id": lease.job_id, "attempt": lease.attempt, "status": JobStatus.QUEUED},
            {
                "$set": {
                    "status": JobStatus.RUNNING,
                    "stage": JobStage.UNDERSTANDING,
                    "started_at": now,
                    "lease": {
                        "token": lease.token,
                        "worker": lease.worker,
                        "started_at": lease.started_at,
                        "expires_at": expires_at,
                        "deadline_at": lease.deadline_at,
                    },
                },
                "$push": {"stage_times": stage},
            },
        )

    async def extend_lease(self, lease: Lease, expires_at: datetime) -> Job | None:
        """Moves the lease's end. Not a change that people see, so the revision stays."""
        raw = await JobDocument.get_pymongo_collection().find_one_and_update(
            self._held(lease),
            {"$set": {"lease.expires_at": expires_at}},
            return_document=ReturnDocument.AFTER,
        )
        return _parsed(raw)

    async def advance(
        self, lease: Lease, fields: Update, entered: StageTime | None = None, session: Session | None = None
    ) -> Job | None:
        """Writes progress under the lease; `entered` records the beginning of a new stage."""
        update: dict[str, Any] = {"$set": dict(fields)}
        if entered is not None:
            update["$push"] = {"stage_times": {"stage": entered.stage, "started_at": entered.started_at}}
        return await self._change(self._held(lease), update, session)

    async def requeue(
        self, lease: Lease, now: datetime, due_at: datetime, expires_at: datetime, session: Session
    ) -> Job | None:
        """Gives the next attempt to the queue, in place of the attempt that holds the lease."""
        attempt = lease.attempt + 1
        job = await self._change(
            self._held(lease),
            {
                "$set": {
                    "status": JobStatus.QUEUED,
                    "stage": JobStage.WAITING,
                    "progress": 0.0,
                    "eta_seconds": None,
                    "is_playable": False,
                    "started_at": None,
                    "lease": None,
                    "due_at": due_at,
                    "expires_at": expires_at,
                    "attempt": attempt,
                },
                "$push": {"stage_times": {"stage": JobStage.WAITING, "started_at": now}},
            },
            session,
        )
        if job is not None:
            await self.add_message(WorkMessage(job.kind, job.id, attempt), due_at, session)
        return job

    async def finish_queued(self, job_id: str, status: JobStatus, problem: JobProblem, now: datetime) -> Job | None:
        """Ends a job that no worker holds."""
        return await self._change(
            {"_id": job_id, "status": JobStatus.QUEUED}, {"$set": final_fields(status, problem, now)}
        )

    async def request_cancel(self, owner_id: str, job_id: str) -> Job | None:
        open_job = {"_id": job_id, "owner_id": owner_id, "status": {"$nin": [s.value for s in FINAL]}}
        return await self._change(open_job, {"$set": {"cancel_requested": True}})

    async def add_message(self, message: WorkMessage, due_at: datetime, session: Session) -> None:
        record = OutboxDocument(
            id=f"{message.job_id}:{message.attempt}",
            kind=message.kind,
            job_id=message.job_id,
            attempt=message.attempt,
            due_at=due_at,
        )
        await record.insert(session=session)

    async def remove_message(self, message: WorkMessage) -> None:
        await OutboxDocument.find_one({"_id": f"{message.job_id}:{message.attempt}"}).delete()

    async def unsent_messages(self, before: datetime, limit: int) -> Sequence[WorkMessage]:
        found = await OutboxDocument.find({"due_at": {"$lte": before}}).sort("due_at").limit(limit).to_list()
        return [WorkMessage(record.kind, record.job_id, record.attempt) for record in found]

    async def waiting_since(self, before: datetime, limit: int) -> Sequence[Job]:
        """Queued jobs that should have been picked up by now."""
        query = {"status": JobStatus.QUEUED, "due_at": {"$lte": before}}
        return [to_job(record) for record in await JobDocument.find(query).sort("due_at").limit(limit).to_list()]

    async def waited_too_long(self, now: datetime, limit: int) -> Sequence[Job]:
        query = {"status": JobStatus.QUEUED, "expires_at": {"$lte": now}}
        return [to_job(record) for record in await JobDocument.find(query).limit(limit).to_list()]

    async def abandoned(self, now: datetime, limit: int) -> Sequence[tuple[Job, Lease]]:
        """Running jobs whose lease ran out, with the lease that must still be in place to end them."""
        query = {"status": JobStatus.RUNNING, "lease.expires_at": {"$lte": now}}
        found = await JobDocument.find(query).limit(limit).to_list()
        return [
            (
                to_job(record),
                to_lease(record, part),
            )
            for record in found
            if (part := record.lease) is not None
        ]

    async def limits(self, job_id: str) -> tuple[float, float] | None:
        """How long the job is expected to take and may take at most, in seconds."""
        record = await JobDocument.get(job_id)
        return None if record is None else (record.expected_seconds, record.deadline_seconds)

    async def count_queued_before(self, job_ids: Sequence[str]) -> dict[str, int]:
        """How many queued jobs were accepted before each of these."""
        limits = sorted(set(job_ids))
        pipeline: list[dict[str, Any]] = [
            {"$match": {"status": JobStatus.QUEUED, "_id": {"$lt": limits[-1]}}},
            {"$bucket": {"groupBy": "$_id", "boundaries": ["", *limits]}},
        ]
        cursor = await JobDocument.get_pymongo_collection().aggregate(pipeline)
        counts = {bucket["_id"]: bucket["count"] for bucket in await cursor.to_list()}
        starts = ["", *limits[:-1]]
        return dict(zip(limits, accumulate(counts.get(start, 0) for start in starts), strict=True))

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
    async def _change(query: Mapping[str, Any], update: Update, session: Session | None = None) -> Job | None:
        raw = await JobDocument.get_pymongo_collection().find_one_and_update(
            query,
            {**update, "$inc": {"revision": 1}},
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        return _parsed(raw)


def final_fields(status: JobStatus, problem: JobProblem | None, now: datetime) -> dict[str, Any]:
    """What every ending writes."""
    fields: dict[str, Any] = {
        "status": status,
        "finished_at": now,
        "eta_seconds": None,
        "lease": None,
        "problem": None if problem is None else {"code": problem.code, "message": problem.message},
    }
    if status is JobStatus.SUCCEEDED:
        fields |= {"progress": 1.0, "stage": JobStage.DONE}
    return fields
