"""The fact that a job changed, and the message that asks a worker to take it."""

from dataclasses import dataclass

from domain.jobs.model import Job
from domain.kit.event_bus import Event


def topic_of(job_id: str) -> str:
    """The event topic of one job."""
    return f"job:{job_id}"


def changed(job: Job) -> Event:
    """The event that tells a job's new state; its id is the job's revision."""
    return Event(
        id=job.revision,
        data={
            "status": job.status.value,
            "stage": job.stage.value,
            "progress": job.progress,
            "eta_seconds": job.eta_seconds,
            "is_playable": job.is_playable,
            "attempt": job.attempt,
            "problem": None if job.problem is None else {"code": job.problem.code, "message": job.problem.message},
        },
    )


@dataclass(frozen=True)
class WorkMessage:
    """One line of the outbox: this attempt of this job waits for a worker."""

    kind: str
    job_id: str
    attempt: int
