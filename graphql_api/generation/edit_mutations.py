"""Asking for a change of a song."""

from typing import Annotated

import strawberry

from domain.generation.model import GenerationRequest
from domain.generation.services.request import GenerationRequests
from graphql_api.accounts.identity_types import EmailUnverified
from graphql_api.core.context import Info
from graphql_api.core.idempotency import IdempotencyConflict
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.credits.types import InsufficientCredits, PlanLimit
from graphql_api.generation.edit_inputs import AddLayerInput, ExtendTrackInput, RepaintTrackInput, VaryTrackInput
from graphql_api.generation.model_types import ModelNotAllowed, UnknownModel
from graphql_api.generation.types import GenerationJob, NoScore
from graphql_api.jobs.types import Overloaded, TooManyJobs

JOB = "The job that makes the new version; its `versionId` joins the track when it is finished."


@strawberry.type(description="The change is accepted; from now on it is not lost any more.")
class ExtendTrackSuccess:
    job: GenerationJob = strawberry.field(description=JOB)


@strawberry.type(description="The change is accepted; from now on it is not lost any more.")
class RepaintTrackSuccess:
    job: GenerationJob = strawberry.field(description=JOB)


@strawberry.type(description="The change is accepted; from now on it is not lost any more.")
class AddLayerSuccess:
    job: GenerationJob = strawberry.field(description=JOB)


@strawberry.type(description="The change is accepted; from now on it is not lost any more.")
class VaryTrackSuccess:
    job: GenerationJob = strawberry.field(description=JOB)


EditProblem = (
    ValidationFailed
    | NotFound
    | NoScore
    | EmailUnverified
    | PlanLimit
    | InsufficientCredits
    | TooManyJobs
    | Overloaded
    | IdempotencyConflict
    | Forbidden
    | Unauthenticated
)
ENDED = "How the request for a change ended."
ExtendTrackResult = Annotated[
    ExtendTrackSuccess | UnknownModel | ModelNotAllowed | EditProblem,
    strawberry.union("ExtendTrackResult", description=ENDED),
]
RepaintTrackResult = Annotated[
    RepaintTrackSuccess | EditProblem, strawberry.union("RepaintTrackResult", description=ENDED)
]
AddLayerResult = Annotated[AddLayerSuccess | EditProblem, strawberry.union("AddLayerResult", description=ENDED)]
VaryTrackResult = Annotated[VaryTrackSuccess | EditProblem, strawberry.union("VaryTrackResult", description=ENDED)]


@strawberry.type
class EditMutation:
    @strawberry.mutation(
        description="Makes a longer version of a song, as a job. What there is of it stays note for note; by a model "
        "of the kind AUDIO, sound for sound, but for an end that fades or dies away."
    )
    async def extend_track(
        self,
        info: Info,
        input: Annotated[ExtendTrackInput, strawberry.argument(description="What to go on with, and how far.")],
    ) -> ExtendTrackResult:
        return ExtendTrackSuccess(job=await _accepted(info, input.to_request()))

    @strawberry.mutation(
        description="Makes a version of a song with some of its bars written anew, as a job. All others stay note for "
        "note, and the whole is played anew, so nothing is heard of the joins."
    )
    async def repaint_track(
        self,
        info: Info,
        input: Annotated[RepaintTrackInput, strawberry.argument(description="Which bars of what.")],
    ) -> RepaintTrackResult:
        return RepaintTrackSuccess(job=await _accepted(info, input.to_request()))

    @strawberry.mutation(
        description="Makes a version of a song with one more instrument, as a job. The others stay note for note."
    )
    async def add_layer(
        self,
        info: Info,
        input: Annotated[AddLayerInput, strawberry.argument(description="Which instrument is to play along.")],
    ) -> AddLayerResult:
        return AddLayerSuccess(job=await _accepted(info, input.to_request()))

    @strawberry.mutation(description="Makes another take on a song, in the same form and as long, as a job.")
    async def vary_track(
        self,
        info: Info,
        input: Annotated[VaryTrackInput, strawberry.argument(description="What to vary, and how much.")],
    ) -> VaryTrackResult:
        return VaryTrackSuccess(job=await _accepted(info, input.to_request()))


async def _accepted(info: Info, request: GenerationRequest) -> GenerationJob:
    (job,) = await info.context.service(GenerationRequests).generate(info.context.caller, request)
    return GenerationJob.of(job)
