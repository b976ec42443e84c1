"""Jobs and leases as MongoDB has them, and the fields that several writes share."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from domain.jobs.documents import JobDocument, LeasePart
from domain.jobs.model import DeadLetter, Job, JobProblem, JobStage, JobStatus, Lease, Share, StageTime


def to_job(record: JobDocument) -> Job:
    problem, dead = record.problem, record.dead_letter
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
        failures=record.failures,
        revision=record.revision,
        created_at=record.created_at,
        changed_at=record.changed_at,
        started_at=record.started_at,
        finished_at=record.finished_at,
        problem=None if problem is None else JobProblem(problem.code, problem.message),
        dead_letter=None if dead is None else DeadLetter(dead.code, dead.detail, dead.at),
        cancel_requested=record.cancel_requested,
        share=Share(**record.share.model_dump()),
        expected_seconds=record.expected_seconds,
        price=record.price,
        list_price=record.list_price,
        hold_id=record.hold_id,
        stage_limits=record.stage_limits,
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
        queue=record.share.queue,
    )


def waiting_fields(due_at: datetime, expires_at: datetime, attempt: int) -> dict[str, Any]:
    """What every return to the queue writes."""
    return {
        "status": JobStatus.QUEUED,
        "stage": JobStage.WAITING,
        "progress": 0.0,
        "is_playable": False,
        "started_at": None,
        "lease": None,
        "due_at": due_at,
        "expires_at": expires_at,
        "attempt": attempt,
    }


def final_fields(
    status: JobStatus, problem: JobProblem | None, now: datetime, dead_letter: DeadLetter | None = None
) -> dict[str, Any]:
    """What every ending writes."""
    fields: dict[str, Any] = {
        "status": status,
        "finished_at": now,
        "eta_seconds": None,
        "lease": None,
        "problem": None if problem is None else asdict(problem),
        "dead_letter": None if dead_letter is None else asdict(dead_letter),
    }
    if status is JobStatus.SUCCEEDED:
        fields |= {"progress": 1.0, "stage": JobStage.DONE}
    return fields
