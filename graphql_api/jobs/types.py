"""The job family as the schema shows it. Each kind of job is a type of its own behind one interface."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any, Self

import strawberry
from strawberry import relay

from domain.jobs import errors
from domain.jobs.model import Job as JobModel
from domain.jobs.services.follow import JobFollowing
from domain.kit.queue import QueuePlace
from graphql_api.core.context import Info
from graphql_api.core.ids import global_id
from graphql_api.core.problems import Problem, ProblemCode, ProblemHandler
from graphql_api.core.queues import QueueName
from graphql_api.jobs.loaders import QueuePlaceLoader


@strawberry.enum(description="Where a job is in its life. The last four are final.")
class JobStatus(Enum):
    QUEUED = strawberry.enum_value("QUEUED", description="Accepted, waiting for a worker.")
    RUNNING = strawberry.enum_value("RUNNING", description="A worker is on it.")
    SUCCEEDED = strawberry.enum_value("SUCCEEDED", description="Its result is there.")
    FAILED = strawberry.enum_value("FAILED", description="It ended without a result; `problem` says why.")
    CANCELED = strawberry.enum_value("CANCELED", description="Its owner canceled it.")
    EXPIRED = strawberry.enum_value("EXPIRED", description="It waited too long and was given up.")


@strawberry.enum(description="What a job is busy with.")
class JobStage(Enum):
    WAITING = strawberry.enum_value("WAITING", description="Waiting for a worker.")
    UNDERSTANDING = strawberry.enum_value("UNDERSTANDING", description="Reading the prompt, or the uploaded file.")
    COMPOSING = strawberry.enum_value("COMPOSING", description="Writing the score.")
    SYNTHESIZING = strawberry.enum_value(
        "SYNTHESIZING", description="Playing the instruments, or the first of the sound."
    )
    MASTERING = strawberry.enum_value("MASTERING", description="Mixing, and finding the right loudness.")
    RENDERING = strawberry.enum_value("RENDERING", description="Writing audio; listeners can play along.")
    EDITING = strawberry.enum_value("EDITING", description="Changing tracks, one after the other.")
    PACKING = strawberry.enum_value("PACKING", description="Putting files into an archive.")
    FINALIZING = strawberry.enum_value("FINALIZING", description="Measuring and storing the files.")
    DONE = strawberry.enum_value("DONE", description="Finished.")


@strawberry.type(description="Why a job did not succeed.")
class JobProblem:
    code: str = strawberry.field(description="The stable name of the reason.")
    message: str = strawberry.field(description="One sentence for the person whose job it was.")


@strawberry.type(description="How long one stage of a job took.")
class StageTime:
    stage: JobStage = strawberry.field(description="The stage.")
    seconds: float = strawberry.field(description="Its length in seconds.")


@strawberry.interface(description="Work that takes time. Follow it with `jobProgress`.")
class Job(relay.Node):
    id: relay.NodeID[str]
    status: JobStatus = strawberry.field(description="Where the job is in its life.")
    stage: JobStage = strawberry.field(description="What it is busy with.")
    progress: float = strawberry.field(description="How far it is, 0 to 1.")
    is_playable: bool = strawberry.field(description="Whether `playback` of its track works already.")
    attempt: int = strawberry.field(description="The number of the attempt, from 1.")
    queue: QueueName = strawberry.field(description="The queue that its kind and its owner's plan gave it.")
    credits_held: int = strawberry.field(description="Credits that are set aside for it while it is not finished.")
    credits_charged: int = strawberry.field(description="What it has cost: nothing unless it succeeded.")
    created_at: datetime = strawberry.field(description="When it was accepted.")
    started_at: datetime | None = strawberry.field(description="When the current attempt began.")
    finished_at: datetime | None = strawberry.field(description="When it came to its end.")
    problem: JobProblem | None = strawberry.field(description="Why it did not succeed.")
    stage_times: list[StageTime] = strawberry.field(description="Where the time went, stage by stage.")
    record: strawberry.Private[JobModel]

    @classmethod
    def of(cls, job: JobModel) -> Self:
        return cls(**job_fields(job))

    @strawberry.field(
        description="How many jobs are before this one; null once it has left the queue, or while nobody knows."
    )
    async def queue_position(self, info: Info) -> int | None:
        place = await _place(info, self.record.id, self.status)
        return None if place is None else place.position

    @strawberry.field(
        description="An estimate of what is left in seconds, from what jobs like this one really take; with the wait."
    )
    async def eta_seconds(self, info: Info) -> float | None:
        place = await _place(info, self.record.id, self.status)
        return self.record.eta_seconds if place is None else round(place.wait_seconds + self.record.expected_seconds, 1)


async def _place(info: Info, job_id: str, status: JobStatus) -> QueuePlace | None:
    return await info.context.loader(QueuePlaceLoader).load(job_id) if status is JobStatus.QUEUED else None


def job_fields(job: JobModel) -> dict[str, Any]:
    """The fields that every kind of job shares."""
    problem = job.problem
    return {
        "id": job.id,
        "status": JobStatus(job.status.value),
        "stage": JobStage(job.stage.value),
        "progress": job.progress,
        "is_playable": job.is_playable,
        "attempt": job.attempt,
        "queue": QueueName(job.share.queue.value),
        "credits_held": job.credits_held,
        "credits_charged": job.credits_charged,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "problem": None if problem is None else JobProblem(code=problem.code, message=problem.message),
        "stage_times": [
            StageTime(stage=JobStage(stage.value), seconds=seconds) for stage, seconds in job.stage_seconds().items()
        ],
        "record": job,
    }


class JobPresenter:
    """Finds the schema type for a job's kind; areas that have jobs register theirs."""

    def __init__(self, by_kind: Mapping[str, type[Job]]) -> None:
        self._by_kind = by_kind

    def present(self, job: JobModel) -> Job:
        return self._by_kind[job.kind].of(job)

    def global_id(self, kind: str, job_id: str) -> strawberry.ID:
        return strawberry.ID(global_id(self._by_kind[kind].__name__, job_id))


@strawberry.type(description="A change of a job. The first event is the state now, the last one a final state.")
class JobProgress:
    event_id: strawberry.ID = strawberry.field(description="Pass the last one as `afterEventId` to go on behind it.")
    status: JobStatus = strawberry.field(description="Where the job is in its life.")
    stage: JobStage = strawberry.field(description="What it is busy with.")
    progress: float = strawberry.field(description="How far it is, 0 to 1.")
    eta_seconds: float | None = strawberry.field(description="An estimate of what is left, in seconds.")
    is_playable: bool = strawberry.field(description="Whether `playback` of its track works already.")
    attempt: int = strawberry.field(description="The number of the attempt, from 1.")
    problem: JobProblem | None = strawberry.field(description="Why it did not succeed.")
    local_id: strawberry.Private[str]
    kind: strawberry.Private[str]

    @classmethod
    def of(cls, event_id: str, data: Mapping[str, Any]) -> "JobProgress":
        problem = data["problem"]
        return cls(
            event_id=strawberry.ID(event_id),
            status=JobStatus(data["status"]),
            stage=JobStage(data["stage"]),
            progress=data["progress"],
            eta_seconds=data["eta_seconds"],
            is_playable=data["is_playable"],
            attempt=data["attempt"],
            problem=None if problem is None else JobProblem(**problem),
            local_id=data["job_id"],
            kind=data["kind"],
        )

    @strawberry.field(description="Which job changed.")
    def job_id(self, info: Info) -> strawberry.ID:
        return info.context.service(JobPresenter).global_id(self.kind, self.local_id)

    @strawberry.field(description="How many jobs are before it; null once it has left the queue.")
    async def queue_position(self, info: Info) -> int | None:
        place = await _place(info, self.local_id, self.status)
        return None if place is None else place.position

    @strawberry.field(description="The whole job as it is now, which may be later than this event.")
    async def job(self, info: Info) -> Job:
        found = await info.context.service(JobFollowing).get(info.context.caller, self.local_id)
        return info.context.service(JobPresenter).present(found)


@strawberry.type(description="A job that was given up for good, as operators see it.")
class DeadJob:
    job_id: strawberry.ID = strawberry.field(description="The job's id; `redriveJob` takes it.")
    kind: str = strawberry.field(description="What kind of work it was.")
    owner_id: strawberry.ID = strawberry.field(description="The account it belongs to.")
    attempt: int = strawberry.field(description="The number of its last attempt.")
    code: str = strawberry.field(description="The stable name of the reason.")
    detail: str = strawberry.field(description="The reason in words for operators.")
    created_at: datetime = strawberry.field(description="When the job was accepted.")
    died_at: datetime = strawberry.field(description="When it was given up.")

    @classmethod
    def of(cls, job: JobModel, job_id: strawberry.ID) -> "DeadJob":
        letter = job.dead_letter
        if letter is None:
            raise ValueError(f"{job.id} is no dead letter")
        return cls(
            job_id=job_id,
            kind=job.kind,
            owner_id=strawberry.ID(global_id("Account", job.owner_id)),
            attempt=job.attempt,
            code=letter.code,
            detail=letter.detail,
            created_at=job.created_at,
            died_at=letter.at,
        )


@strawberry.type(description="A finished job cannot be canceled.")
class JobAlreadyFinished(Problem):
    status: JobStatus = strawberry.field(description="How it ended.")

    @classmethod
    def of(cls, error: errors.JobAlreadyFinished) -> "JobAlreadyFinished":
        return cls(code=ProblemCode.JOB_ALREADY_FINISHED, message=error.message, status=JobStatus(error.status.value))


@strawberry.type(description="Only a job that ended without a result can be tried again.")
class JobNotRetryable(Problem):
    status: JobStatus = strawberry.field(description="Where the job is in its life.")

    @classmethod
    def of(cls, error: errors.JobNotRetryable) -> "JobNotRetryable":
        return cls(code=ProblemCode.JOB_NOT_RETRYABLE, message=error.message, status=JobStatus(error.status.value))


@strawberry.type(description="As many of your jobs wait as your plan allows.")
class TooManyJobs(Problem):
    max_waiting_jobs: int = strawberry.field(description="How many may wait at once.")
    waiting_jobs: int = strawberry.field(description="How many are waiting.")

    @classmethod
    def of(cls, error: errors.TooManyJobs) -> "TooManyJobs":
        return cls(
            code=ProblemCode.TOO_MANY_JOBS,
            message=error.message,
            max_waiting_jobs=error.limit,
            waiting_jobs=error.waiting,
        )


@strawberry.type(description="So much waits already that the job could not begin in time. Nothing was charged.")
class Overloaded(Problem):
    retry_after_seconds: int = strawberry.field(description="When to try again, in seconds from now.")

    @classmethod
    def of(cls, error: errors.Overloaded) -> "Overloaded":
        return cls(code=ProblemCode.OVERLOADED, message=error.message, retry_after_seconds=error.retry_after_seconds)


HANDLERS = (
    ProblemHandler(errors.JobAlreadyFinished, JobAlreadyFinished),
    ProblemHandler(errors.JobNotRetryable, JobNotRetryable),
    ProblemHandler(errors.TooManyJobs, TooManyJobs),
    ProblemHandler(errors.Overloaded, Overloaded),
)
