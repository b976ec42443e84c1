"""What the job mutations take."""

import strawberry


@strawberry.input(description="Which job to cancel.")
class CancelJobInput:
    job_id: strawberry.ID = strawberry.field(description="The job's id.")
