"""Reading one's own jobs."""

from typing import Annotated

import strawberry

from domain.jobs.model import Job as JobModel
from domain.jobs.services.drive_again import JobDriving
from domain.jobs.services.follow import JobFollowing
from domain.kit.errors import NotFound
from graphql_api.core.connections import DEFAULT_PAGE, Connection, connection, page_request
from graphql_api.core.context import Info
from graphql_api.core.ids import local_id
from graphql_api.jobs.types import DeadJob, Job, JobPresenter

JOB_TYPES = ("AccountExportJob", "BulkEditJob", "GenerationJob", "UploadJob")


@strawberry.type
class JobQuery:
    @strawberry.field(description="One of your jobs; null when there is none with this id.")
    async def job(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The job's id.")]
    ) -> Job | None:
        try:
            found = await info.context.service(JobFollowing).get(info.context.caller, local_id(id, JOB_TYPES, "id"))
        except NotFound:
            return None
        return info.context.service(JobPresenter).present(found)

    @strawberry.field(description="Your jobs, newest first.")
    async def jobs(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = DEFAULT_PAGE,
        after: Annotated[str | None, strawberry.argument(description="A cursor to go on behind.")] = None,
    ) -> Connection[Job]:
        request = page_request(first, after)
        page = await info.context.service(JobFollowing).page(info.context.caller, request)
        presenter = info.context.service(JobPresenter)
        return connection(page, request, presenter.present, _position)

    @strawberry.field(description="Jobs that were given up for good, of all people, newest first. For administrators.")
    async def dead_jobs(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = DEFAULT_PAGE,
        after: Annotated[str | None, strawberry.argument(description="A cursor to go on behind.")] = None,
    ) -> Connection[DeadJob]:
        request = page_request(first, after)
        page = await info.context.service(JobDriving).dead(info.context.caller, request)
        presenter = info.context.service(JobPresenter)

        def show(job: JobModel) -> DeadJob:
            return DeadJob.of(job, presenter.global_id(job.kind, job.id))

        return connection(page, request, show, _position)


def _position(job: JobModel) -> str:
    return job.id
