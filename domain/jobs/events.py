"""The fact that a job changed, for those who watch the job and for those who watch all jobs of its owner."""

from domain.jobs.model import Job
from domain.kit.event_bus import Event


def topic_of(job_id: str) -> str:
    """The event topic of one job."""
    return f"job:{job_id}"


def feed_of(owner_id: str) -> str:
    """The feed of all changes of one person's jobs."""
    return f"owner:{owner_id}"


def changed(job: Job) -> Event:
    """The event that tells a job's new state; its id is the job's revision."""
    return Event(
        id=job.revision,
        data={
            "job_id": job.id,
            "kind": job.kind,
            "revision": job.revision,
            "status": job.status.value,
            "stage": job.stage.value,
            "progress": job.progress,
            "eta_seconds": job.eta_seconds,
            "is_playable": job.is_playable,
            "attempt": job.attempt,
            "problem": None if job.problem is None else {"code": job.problem.code, "message": job.problem.message},
        },
    )
