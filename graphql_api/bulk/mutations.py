"""Starting a bulk edit."""

from typing import Annotated

import strawberry

from domain.bulk.services.start import BulkEditStart
from graphql_api.accounts.identity_types import EmailUnverified
from graphql_api.bulk.inputs import StartBulkEditInput
from graphql_api.bulk.types import BulkEditJob
from graphql_api.core.context import Info
from graphql_api.core.idempotency import IdempotencyConflict
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.jobs.types import Overloaded, TooManyJobs


@strawberry.type(description="The tracks are chosen and will be changed; from now on it is not lost any more.")
class StartBulkEditSuccess:
    job: BulkEditJob = strawberry.field(description="The job that changes them; it costs no credits.")


StartBulkEditResult = Annotated[
    StartBulkEditSuccess
    | ValidationFailed
    | IdempotencyConflict
    | TooManyJobs
    | Overloaded
    | EmailUnverified
    | NotFound
    | Forbidden
    | Unauthenticated,
    strawberry.union("StartBulkEditResult", description="How starting a bulk edit ended."),
]


@strawberry.type
class BulkMutation:
    @strawberry.mutation(
        description="Changes many tracks as a job. Each is changed as its own mutation would do it, from whatever "
        "revision it has then; what cannot be changed is told in the job and keeps nothing else from being changed."
    )
    async def start_bulk_edit(
        self, info: Info, input: Annotated[StartBulkEditInput, strawberry.argument(description="Which, and how.")]
    ) -> StartBulkEditResult:
        job = await info.context.service(BulkEditStart).start(info.context.caller, info.context.client, input.to_new())
        return StartBulkEditSuccess(job=BulkEditJob.of(job))
