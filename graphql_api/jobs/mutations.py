"""Canceling jobs."""

from typing import Annotated

import strawberry

from domain.jobs.services.follow import JobFollowing
from graphql_api.core.context import Info
from graphql_api.core.ids import local_id
from graphql_api.core.problems import NotFound, Unauthenticated, ValidationFailed
from graphql_api.jobs.inputs import CancelJobInput
from graphql_api.jobs.queries import JOB_TYPES
from graphql_api.jobs.types import Job, JobAlreadyFinished, JobPresenter


@strawberry.type(description="The job is canceled, or its worker was told to stop and will in a moment.")
class CancelJobSuccess:
    job: Job = strawberry.field(description="The job.")


CancelJobResult = Annotated[
    CancelJobSuccess | ValidationFailed | NotFound | JobAlreadyFinished | Unauthenticated,
    strawberry.union("CancelJobResult", description="How a cancelation ended."),
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
