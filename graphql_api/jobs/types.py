"""The job family as the schema shows it. Each kind of job is a type of its own behind one interface."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

import strawberry
from strawberry import relay

from domain.jobs import errors
from domain.jobs.model import Job as JobModel
from domain.jobs.services.follow import JobFollowing
from domain.kit.event_bus import Event
from graphql_api.core.context import Info
from graphql_api.core.problems import Problem, ProblemCode, ProblemHandler
from graphql_api.jobs.loaders import QueuePositionLoader


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
    UNDERSTANDING = strawberry.enum_value("UNDERSTANDING", description="Reading the prompt.")
    COMPOSING = strawberry.enum_value("COMPOSING", description="Writing the score.")
    SYNTHESIZING = strawberry.enum_value("SYNTHESIZING", description="Playing the instruments.")
    MASTERING = strawberry.enum_value("MASTERING", description="Mixing, and finding the right loudness.")
    RENDERING = strawberry.enum_value("RENDERING", description="Writing audio; listeners can play along.")
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
    eta_seconds: float | None = strawberry.field(description="An estimate of what is left, in seconds.")
    is_playable: bool = strawberry.field(description="Whether `playback` of its track works already.")
    attempt: int = strawberry.field(description="The number of the attempt, from 1.")
    created_at: datetime = strawberry.field(description="When it was accepted.")
    started_at: datetime | None = strawberry.field(description="When the current attempt began.")
    finished_at: datetime | None = strawberry.field(description="When it came to its end.")
    problem: JobProblem | None = strawberry.field(description="Why it did not succeed.")
    stage_times: list[StageTime] = strawberry.field(description="Where the time went, stage by stage.")
    record: strawberry.Private[JobModel]

    @strawberry.field(description="How many jobs are before this one; null once it has left the queue.")
    async def queue_position(self, info: Info) -> int | None:
        return await info.context.loader(QueuePositionLoader).load(self.record)


def job_fields(job: JobModel) -> dict[str, Any]:
    """The fields that every kind of job shares."""
    problem = job.problem
    return {
        "id": job.id,
        "status": JobStatus(job.status.value),
        "stage": JobStage(job.stage.value),
        "progress": job.progress,
        "eta_seconds": job.eta_seconds,
        "is_playable": job.is_playable,
        "attempt": job.attempt,
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

    def __init__(self, by_kind: Mapping[str, Callable[[JobModel], Job]]) -> None:
        self._by_kind = by_kind

    def present(self, job: JobModel) -> Job:
        return self._by_kind[job.kind](job)


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
    job_id: strawberry.Private[str]

    @classmethod
    def of(cls, job_id: str, event: Event) -> "JobProgress":
        data = event.data
        problem = data["problem"]
        return cls(
            event_id=strawberry.ID(str(event.id)),
            status=JobStatus(data["status"]),
            stage=JobStage(data["stage"]),
            progress=data["progress"],
            eta_seconds=data["eta_seconds"],
            is_playable=data["is_playable"],
            attempt=data["attempt"],
            problem=None if problem is None else JobProblem(**problem),
            job_id=job_id,
        )

    @strawberry.field(description="The whole job as it is now, which may be later than this event.")
    async def job(self, info: Info) -> Job:
        found = await info.context.service(JobFollowing).get(info.context.caller, self.job_id)
        return info.context.service(JobPresenter).present(found)


@strawberry.type(description="A finished job cannot be canceled.")
class JobAlreadyFinished(Problem):
    status: JobStatus = strawberry.field(description="How it ended.")

    @classmethod
    def of(cls, error: errors.JobAlreadyFinished) -> "JobAlreadyFinished":
        return cls(code=ProblemCode.JOB_ALREADY_FINISHED, message=error.message, status=JobStatus(error.status.value))


@strawberry.type(description="The idempotency key was used within the last 24 hours for another input.")
class IdempotencyConflict(Problem):
    idempotency_key: str = strawberry.field(description="The key.")

    @classmethod
    def of(cls, error: errors.IdempotencyConflict) -> "IdempotencyConflict":
        return cls(code=ProblemCode.IDEMPOTENCY_CONFLICT, message=error.message, idempotency_key=error.idempotency_key)


HANDLERS = (
    ProblemHandler(errors.JobAlreadyFinished, JobAlreadyFinished),
    ProblemHandler(errors.IdempotencyConflict, IdempotencyConflict),
)
