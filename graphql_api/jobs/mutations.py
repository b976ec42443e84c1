"""Canceling jobs and trying them again."""

from typing import Annotated

import strawberry

from domain.jobs.services.drive_again import JobDriving
from domain.jobs.services.follow import JobFollowing
from graphql_api.core.context import Info
from graphql_api.core.idempotency import IdempotencyConflict
from graphql_api.core.ids import local_id
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.credits.types import InsufficientCredits
from graphql_api.jobs.inputs import CancelJobInput, RedriveJobInput, RetryJobInput
from graphql_api.jobs.queries import JOB_TYPES
from graphql_api.jobs.types import Job, JobAlreadyFinished, JobNotRetryable, JobPresenter, Overloaded, TooManyJobs


@strawberry.type(description="The job is canceled, or its worker was told to stop and will in a moment.")
class CancelJobSuccess:
    job: Job = strawberry.field(description="The job.")


@strawberry.type(description="The job waits for a worker again, and its credits are held again.")
class RetryJobSuccess:
    job: Job = strawberry.field(description="The job.")


@strawberry.type(description="The job waits for a worker again; its owner does not pay for it.")
class RedriveJobSuccess:
    job_id: strawberry.ID = strawberry.field(description="The job's id.")


CancelJobResult = Annotated[
    CancelJobSuccess | ValidationFailed | NotFound | JobAlreadyFinished | Forbidden | Unauthenticated,
    strawberry.union("CancelJobResult", description="How a cancelation ended."),
]
RetryJobResult = Annotated[
    RetryJobSuccess
    | ValidationFailed
    | NotFound
    | JobNotRetryable
    | InsufficientCredits
    | TooManyJobs
    | Overloaded
    | IdempotencyConflict
    | Forbidden
    | Unauthenticated,
    strawberry.union("RetryJobResult", description="How the wish to try a job again ended."),
]
RedriveJobResult = Annotated[
    RedriveJobSuccess | ValidationFailed | NotFound | JobNotRetryable | Forbidden | Unauthenticated,
    strawberry.union("RedriveJobResult", description="How the wish to drive a dead letter again ended."),
]


@strawberry.type
class JobMutation:
    @strawberry.mutation(description="Stops a job. What it made so far is discarded.")
    async def cancel_job(
        self, info: Info, input: Annotated[CancelJobInput, strawberry.argument(description="Which job.")]
    ) -> CancelJobResult:
        job_id = local_id(input.job_id, JOB_TYPES, "jobId")
        job = await info.context.service(JobFollowing).cancel(info.context.caller, job_id)
        return CancelJobSuccess(job=info.context.service(JobPresenter).present(job))

    @strawberry.mutation(
        description="Tries a job again that failed, expired or was canceled, for its price. Finished steps are kept."
    )
    async def retry_job(
        self, info: Info, input: Annotated[RetryJobInput, strawberry.argument(description="Which job.")]
    ) -> RetryJobResult:
        job_id = local_id(input.job_id, JOB_TYPES, "jobId")
        job = await info.context.service(JobDriving).retry(info.context.caller, job_id, input.idempotency_key)
        return RetryJobSuccess(job=info.context.service(JobPresenter).present(job))

    @strawberry.mutation(description="Drives a dead letter again, on the house. For administrators.")
    async def redrive_job(
        self, info: Info, input: Annotated[RedriveJobInput, strawberry.argument(description="Which dead letter.")]
    ) -> RedriveJobResult:
        job_id = local_id(input.job_id, JOB_TYPES, "jobId")
        job = await info.context.service(JobDriving).redrive(info.context.caller, job_id)
        return RedriveJobSuccess(job_id=info.context.service(JobPresenter).global_id(job.kind, job.id))
