"""What a message says. Pure, but for the names that jobs and tracks have outside."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from domain.jobs.model import Job
from domain.webhooks.model import TEST_TYPE, WebhookEvent


@dataclass(frozen=True)
class PublicNames:
    """The ids by which clients of the API know a job and the track it made."""

    job_id: str
    track_id: str | None


class JobNaming(Protocol):
    """Knows the names outside of what lies inside."""

    async def names_of(self, job: Job) -> PublicNames: ...


def job_body(job: Job, event: WebhookEvent, names: PublicNames, at: datetime) -> str:
    """The message that tells of a job's end."""
    problem = None if job.problem is None else {"code": job.problem.code, "message": job.problem.message}
    told: dict[str, Any] = {
        "id": names.job_id,
        "kind": job.kind,
        "status": job.status.value,
        "stage": job.stage.value,
        "problem": problem,
        "attempt": job.attempt,
        "finishedAt": None if job.finished_at is None else timestamp(job.finished_at),
        "creditsCharged": job.credits_charged,
    }
    if names.track_id is not None:
        told["trackId"] = names.track_id
    return _body(event.value, at, {"job": told})


def sample_body(at: datetime) -> str:
    """The message of a test."""
    return _body(TEST_TYPE, at, {"note": "This is a test. No job has ended."})


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _body(type_: str, at: datetime, data: dict[str, Any]) -> str:
    return json.dumps({"type": type_, "timestamp": timestamp(at), "data": data}, separators=(",", ":"))
