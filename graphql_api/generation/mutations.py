"""Asking for a song."""

from typing import Annotated

import strawberry

from domain.generation.services.request import GenerationRequests
from graphql_api.accounts.identity_types import EmailUnverified
from graphql_api.core.context import Info
from graphql_api.core.idempotency import IdempotencyConflict
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.credits.types import InsufficientCredits, PlanLimit
from graphql_api.generation.inputs import GenerateTrackInput
from graphql_api.generation.model_types import ModelNotAllowed, UnknownModel
from graphql_api.generation.types import GenerationJob
from graphql_api.jobs.types import Overloaded, TooManyJobs


@strawberry.type(description="The song is accepted; from now on it is not lost any more.")
class GenerateTrackSuccess:
    job: GenerationJob = strawberry.field(description="The job that makes it; the first one of several variations.")
    jobs: list[GenerationJob] = strawberry.field(description="The jobs of all variations.")


GenerateTrackResult = Annotated[
    GenerateTrackSuccess
    | ValidationFailed
    | UnknownModel
    | ModelNotAllowed
    | NotFound
    | EmailUnverified
    | PlanLimit
    | InsufficientCredits
    | TooManyJobs
    | Overloaded
    | IdempotencyConflict
    | Forbidden
    | Unauthenticated,
    strawberry.union("GenerateTrackResult", description="How the request for a song ended."),
]


@strawberry.type
class GenerationMutation:
    @strawberry.mutation(description="Makes a song from a prompt, as a job.")
    async def generate_track(
        self,
        info: Info,
        input: Annotated[GenerateTrackInput, strawberry.argument(description="The wish for a song.")],
    ) -> GenerateTrackResult:
        accepted = await info.context.service(GenerationRequests).generate(info.context.caller, input.to_request())
        jobs = [GenerationJob.of(job) for job in accepted]
        return GenerateTrackSuccess(job=jobs[0], jobs=jobs)
