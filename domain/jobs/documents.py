"""How jobs and their outbox lie in MongoDB."""

from datetime import datetime
from typing import Any, ClassVar

import pymongo
from beanie import Document
from pydantic import BaseModel, Field
from pymongo import IndexModel

from domain.jobs.model import JobStage, JobStatus


class ProblemPart(BaseModel):
    code: str
    message: str


class LeasePart(BaseModel):
    token: str
    worker: str
    started_at: datetime
    expires_at: datetime
    deadline_at: datetime


class StagePart(BaseModel):
    stage: JobStage
    started_at: datetime


class IdempotencyPart(BaseModel):
    key: str
    fingerprint: str
    expires_at: datetime


class JobDocument(Document):
    """One job. `lease` is set exactly while an attempt runs; `due_at` is when the queued attempt may start."""

    id: str
    kind: str
    owner_id: str
    status: JobStatus
    stage: JobStage
    progress: float = 0.0
    eta_seconds: float | None = None
    is_playable: bool = False
    attempt: int = 1
    revision: int = 1
    created_at: datetime
    due_at: datetime
    expires_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    expected_seconds: float
    deadline_seconds: float
    problem: ProblemPart | None = None
    cancel_requested: bool = False
    lease: LeasePart | None = None
    stage_times: list[StagePart] = Field(default_factory=list)
    idempotency: IdempotencyPart | None = None

    class Settings:
        name = "jobs"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("owner_id", pymongo.ASCENDING), ("_id", pymongo.DESCENDING)]),
            IndexModel([("status", pymongo.ASCENDING), ("due_at", pymongo.ASCENDING)]),
            IndexModel([("status", pymongo.ASCENDING), ("lease.expires_at", pymongo.ASCENDING)]),
            IndexModel(
                [("owner_id", pymongo.ASCENDING), ("idempotency.key", pymongo.ASCENDING)],
                unique=True,
                partialFilterExpression={"idempotency.key": {"$type": "string"}},
            ),
        ]


class OutboxDocument(Document):
    """A message for the queue that was decided in a transaction and is still to be sent."""

    id: str
    kind: str
    job_id: str
    attempt: int
    due_at: datetime

    class Settings:
        name = "job_outbox"
        indexes: ClassVar[list[Any]] = [IndexModel([("due_at", pymongo.ASCENDING)])]
