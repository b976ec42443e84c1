"""What the job mutations take."""

import strawberry

from graphql_api.core.idempotency import KEY_DESCRIPTION


@strawberry.input(description="Which job to cancel.")
class CancelJobInput:
    job_id: strawberry.ID = strawberry.field(description="The job's id.")


@strawberry.input(description="Which job to try again.")
class RetryJobInput:
    job_id: strawberry.ID = strawberry.field(description="The job's id.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_DESCRIPTION)


@strawberry.input(description="Which dead letter to drive again.")
class RedriveJobInput:
    job_id: strawberry.ID = strawberry.field(description="The job's id, as `deadJobs` tells it.")
