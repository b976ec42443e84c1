"""How jobs, their outbox and their finished steps lie in MongoDB."""

from datetime import UTC, datetime
from typing import Any, ClassVar

import pymongo
from beanie import Document
from pydantic import BaseModel, Field
from pymongo import IndexModel

from domain.jobs.model import JobStage, JobStatus
from domain.kit.queue import QueueName

STEP_SECONDS = 7 * 24 * 3600


class ProblemPart(BaseModel):
    code: str
    message: str


class DeadLetterPart(BaseModel):
    code: str
    detail: str
    at: datetime


class SharePart(BaseModel):
    queue: QueueName
    weight: float
    concurrency: int
    max_waiting: int


class LeasePart(BaseModel):
    token: str
    worker: str
    started_at: datetime
    expires_at: datetime
    deadline_at: datetime


class StagePart(BaseModel):
    stage: JobStage
    started_at: datetime


class JobDocument(Document):
    """One job. `lease` is set exactly while an attempt runs; `due_at` is when the queued attempt may start.

    Jobs from before there were prices have the defaults of `share`, `price`, `hold_id` and the times beside them.
    """

    id: str
    kind: str
    owner_id: str
    status: JobStatus
    stage: JobStage
    progress: float = 0.0
    eta_seconds: float | None = None
    is_playable: bool = False
    attempt: int = 1
    failures: int = 0
    revision: int = 1
    created_at: datetime
    changed_at: datetime = datetime.min.replace(tzinfo=UTC)
    due_at: datetime
    expires_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    nominal_seconds: float = 0.0
    expected_seconds: float
    deadline_seconds: float
    stage_limits: dict[JobStage, float] = Field(default_factory=dict)
    share: SharePart = SharePart(queue=QueueName.STANDARD, weight=1.0, concurrency=1, max_waiting=1)
    price: int = 0
    list_price: int = 0
    hold_id: str = ""
    problem: ProblemPart | None = None
    dead_letter: DeadLetterPart | None = None
    cancel_requested: bool = False
    lease: LeasePart | None = None
    stage_times: list[StagePart] = Field(default_factory=list)

    class Settings:
        name = "jobs"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("owner_id", pymongo.ASCENDING), ("_id", pymongo.DESCENDING)]),
            IndexModel([("owner_id", pymongo.ASCENDING), ("changed_at", pymongo.DESCENDING)]),
            IndexModel([("status", pymongo.ASCENDING), ("due_at", pymongo.ASCENDING)]),
            IndexModel([("status", pymongo.ASCENDING), ("_id", pymongo.ASCENDING)]),
            IndexModel(
                [("status", pymongo.ASCENDING), ("cancel_requested", pymongo.ASCENDING)],
                partialFilterExpression={"cancel_requested": True},
            ),
            IndexModel([("status", pymongo.ASCENDING), ("lease.expires_at", pymongo.ASCENDING)]),
            IndexModel([("status", pymongo.ASCENDING), ("lease.worker", pymongo.ASCENDING)]),
            IndexModel(
                [("kind", pymongo.ASCENDING), ("finished_at", pymongo.DESCENDING)],
                partialFilterExpression={"status": JobStatus.SUCCEEDED.value},
                name="service_times",
            ),
            IndexModel(
                [("dead_letter.at", pymongo.DESCENDING), ("_id", pymongo.DESCENDING)],
                partialFilterExpression={"dead_letter.code": {"$type": "string"}},
                name="dead_letters",
            ),
        ]


class OutboxDocument(Document):
    """An attempt that a transaction decided on and that the queue has still to hear of."""

    id: str
    job_id: str
    attempt: int
    due_at: datetime

    class Settings:
        name = "job_outbox"
        indexes: ClassVar[list[Any]] = [IndexModel([("due_at", pymongo.ASCENDING)])]


class StepDocument(Document):
    """What a finished step of a job made, so that the next attempt need not make it again."""

    id: str
    job_id: str
    name: str
    attempt: int
    made_at: datetime
    payload: bytes

    class Settings:
        name = "job_steps"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("job_id", pymongo.ASCENDING)]),
            IndexModel([("made_at", pymongo.ASCENDING)], expireAfterSeconds=STEP_SECONDS),
        ]
