"""The job record and its state machine. Pure data and rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class JobStatus(StrEnum):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"

    @property
    def is_final(self) -> bool:
        return self in FINAL


FINAL = frozenset({JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELED, JobStatus.EXPIRED})


class JobStage(StrEnum):
    """What a job is busy with; a kind of job uses the stages it needs, in this order."""

    WAITING = "WAITING"
    UNDERSTANDING = "UNDERSTANDING"
    COMPOSING = "COMPOSING"
    SYNTHESIZING = "SYNTHESIZING"
    MASTERING = "MASTERING"
    RENDERING = "RENDERING"
    FINALIZING = "FINALIZING"
    DONE = "DONE"


@dataclass(frozen=True)
class JobProblem:
    """Why a job did not succeed: a stable code and a sentence for its owner."""

    code: str
    message: str


CANCELED_BY_OWNER = JobProblem("CANCELED", "You canceled this job.")


@dataclass(frozen=True)
class Lease:
    """The right to work on one attempt of one job. Every write of the worker is conditional on `token`."""

    job_id: str
    attempt: int
    token: str
    worker: str
    started_at: datetime
    deadline_at: datetime
    expected_seconds: float

    def seconds_left(self, now: datetime, progress: float) -> float:
        """How long the rest will take: as expected at first, then more and more as it went so far."""
        elapsed = (now - self.started_at).total_seconds()
        expected = max(0.0, self.expected_seconds - elapsed)
        if progress <= 0.0:
            return expected
        measured = elapsed * (1.0 - progress) / progress
        return (1.0 - progress) * expected + progress * measured


@dataclass(frozen=True)
class StageTime:
    """When a stage began, to tell afterwards where the time went."""

    stage: JobStage
    started_at: datetime


@dataclass(frozen=True)
class Job:
    """A snapshot of a job. `revision` grows by one with every change and doubles as the event id.

    `progress` is 0..1 over the whole job, `eta_seconds` an estimate of what is left, `attempt` starts at 1.
    """

    id: str
    kind: str
    owner_id: str
    status: JobStatus
    stage: JobStage
    progress: float
    eta_seconds: float | None
    is_playable: bool
    attempt: int
    revision: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    problem: JobProblem | None
    cancel_requested: bool
    stage_times: tuple[StageTime, ...] = ()

    def stage_seconds(self) -> Mapping[JobStage, float]:
        """How long each finished stage took, in seconds."""
        ends = [entry.started_at for entry in self.stage_times[1:]]
        last = [self.finished_at] if self.finished_at else []
        return {
            entry.stage: (end - entry.started_at).total_seconds()
            for entry, end in zip(self.stage_times, ends + last, strict=False)
        }


@dataclass(frozen=True)
class NewJob:
    """What an area hands over when it asks for work: the request itself stays in the area's own record."""

    id: str
    kind: str
    owner_id: str
    expected_seconds: float
    deadline_seconds: float
    idempotency_key: str | None = None
    fingerprint: str | None = None


@dataclass(frozen=True)
class RetryPolicy:
    """Exponential backoff with jitter between attempts, and limits in seconds.

    Four attempts with these pauses outlast half a minute without one of the servers.
    """

    max_attempts: int = 4
    base_seconds: float = 5.0
    ceiling_seconds: float = 30.0
    lease_seconds: float = 20.0
    heartbeat_seconds: float = 5.0
    queue_seconds: float = 3600.0

    def backoff(self, attempt: int, jitter: float) -> float:
        """Seconds to wait after `attempt` failed; `jitter` is uniform in 0..1.

        "Full jitter" as in Brooker, "Exponential Backoff and Jitter" (AWS Architecture Blog, 2015), with the
        lower half kept so that a struggling server gets some rest in any case.
        """
        bound = min(self.ceiling_seconds, self.base_seconds * 2.0 ** (attempt - 1))
        return bound * (0.5 + 0.5 * jitter)
