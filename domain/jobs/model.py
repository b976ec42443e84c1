"""The job record and its state machine. Pure data and rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.credits.model import Plan
from domain.kit.queue import QueueName, Ticket


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
RETRYABLE = FINAL - {JobStatus.SUCCEEDED}


class JobStage(StrEnum):
    """What a job is busy with; a kind of job uses the stages it needs, in this order."""

    WAITING = "WAITING"
    UNDERSTANDING = "UNDERSTANDING"
    COMPOSING = "COMPOSING"
    SYNTHESIZING = "SYNTHESIZING"
    MASTERING = "MASTERING"
    RENDERING = "RENDERING"
    EDITING = "EDITING"
    PACKING = "PACKING"
    FINALIZING = "FINALIZING"
    DONE = "DONE"


@dataclass(frozen=True)
class JobProblem:
    """Why a job did not succeed: a stable code and a sentence for its owner."""

    code: str
    message: str


CANCELED_BY_OWNER = JobProblem("CANCELED", "You canceled this job.")


@dataclass(frozen=True)
class DeadLetter:
    """Why a job was given up for good, in words for operators; the owner reads the job's problem instead."""

    code: str
    detail: str
    at: datetime


@dataclass(frozen=True)
class Share:
    """What the owner's plan gives a job: its queue, a weight in it, and how many may run and wait at once."""

    queue: QueueName
    weight: float
    concurrency: int
    max_waiting: int

    @classmethod
    def of(cls, plan: Plan, *, is_batch: bool = False) -> "Share":
        """`is_batch` is for work that nobody listens to while it is done: it waits behind what somebody does."""
        queue = QueueName.BATCH if is_batch else plan.queue
        return cls(queue, plan.weight, plan.concurrency, plan.max_waiting_jobs)

    @property
    def is_batch(self) -> bool:
        return self.queue is QueueName.BATCH


@dataclass(frozen=True)
class Forecast:
    """How long jobs would wait for a worker and then take, in seconds, as it looks now."""

    wait_seconds: float
    work_seconds: float


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
    queue: QueueName

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

    `progress` is 0..1 over the whole job, `eta_seconds` an estimate of what is left. `attempt` starts at 1 and grows
    with every lease; `failures` counts those attempts of the present run that went wrong. `price` is what the run
    costs in credits when it succeeds (nothing on the house), `list_price` what one that its owner asks for costs, and
    `hold_id` names the hold that secures it.
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
    share: Share
    expected_seconds: float
    failures: int
    price: int
    list_price: int
    hold_id: str
    changed_at: datetime
    dead_letter: DeadLetter | None = None
    stage_limits: Mapping[JobStage, float] = field(default_factory=dict)
    stage_times: tuple[StageTime, ...] = ()

    @property
    def credits_held(self) -> int:
        """What is set aside for the job while it is open."""
        return 0 if self.status.is_final else self.price

    @property
    def credits_charged(self) -> int:
        """What the job has cost its owner: nothing unless it succeeded."""
        return self.price if self.status is JobStatus.SUCCEEDED else 0

    @property
    def stage_deadline(self) -> datetime | None:
        """Until when the present stage must be over; None for a stage without a limit."""
        limit = self.stage_limits.get(self.stage)
        if limit is None or not self.stage_times:
            return None
        return self.stage_times[-1].started_at + timedelta(seconds=limit)

    @property
    def ticket(self) -> Ticket:
        """What the queue must know to serve this attempt in its turn."""
        return Ticket(
            kind=self.kind,
            job_id=self.id,
            attempt=self.attempt,
            owner_id=self.owner_id,
            queue=self.share.queue,
            cost_seconds=self.expected_seconds,
            weight=self.share.weight,
            concurrency=self.share.concurrency,
        )

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
    """What an area hands over when it asks for work: the request itself stays in the area's own record.

    `nominal_seconds` is the work by the area's own reckoning; what it takes here and now is learned from jobs of
    the same kind. `stage_limits` bounds single stages in seconds, `deadline_seconds` the whole attempt.
    """

    id: str
    kind: str
    owner_id: str
    share: Share
    price: int
    nominal_seconds: float
    deadline_seconds: float
    stage_limits: Mapping[JobStage, float] = field(default_factory=dict)


def hold_id(job_id: str, attempt: int) -> str:
    """The hold that secures a run of attempts which begins with this one."""
    return f"{job_id}:{attempt}"


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

    def gives_up_at(self, due_at: datetime) -> datetime:
        """Until when a job waits that may start at `due_at`."""
        return due_at + timedelta(seconds=self.queue_seconds)

    def backoff(self, attempt: int, jitter: float) -> float:
        """Seconds to wait after `attempt` failed; `jitter` is uniform in 0..1.

        "Full jitter" as in Brooker, "Exponential Backoff and Jitter" (AWS Architecture Blog, 2015), with the
        lower half kept so that a struggling server gets some rest in any case.
        """
        bound = min(self.ceiling_seconds, self.base_seconds * 2.0 ** (attempt - 1))
        return bound * (0.5 + 0.5 * jitter)
