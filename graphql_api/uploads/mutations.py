"""Opening, completing and aborting uploads."""

from typing import Annotated

import strawberry

from domain.uploads.services.complete import UploadCompletion
from domain.uploads.services.create import UploadCreation
from graphql_api.accounts.identity_types import EmailUnverified
from graphql_api.core.context import Info
from graphql_api.core.idempotency import IdempotencyConflict
from graphql_api.core.ids import local_id
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.credits.types import PlanLimit
from graphql_api.jobs.types import Overloaded, TooManyJobs
from graphql_api.uploads.inputs import AbortUploadInput, CompleteUploadInput, CreateUploadInput
from graphql_api.uploads.types import TooManyUploads, Upload, UploadClosed, UploadIncomplete, UploadJob


@strawberry.type(description="The upload is open: send its `missingParts`, then complete it.")
class CreateUploadSuccess:
    upload: Upload = strawberry.field(description="The upload.")


@strawberry.type(description="The file is there and will be processed; from now on it is not lost any more.")
class CompleteUploadSuccess:
    job: UploadJob = strawberry.field(description="The job that makes a track of it; it costs no credits.")


@strawberry.type(description="The upload is given up, and what had arrived is removed.")
class AbortUploadSuccess:
    upload: Upload = strawberry.field(description="The upload as it is now.")


CreateUploadResult = Annotated[
    CreateUploadSuccess
    | ValidationFailed
    | PlanLimit
    | TooManyUploads
    | IdempotencyConflict
    | EmailUnverified
    | NotFound
    | Forbidden
    | Unauthenticated,
    strawberry.union("CreateUploadResult", description="How opening an upload ended."),
]
CompleteUploadResult = Annotated[
    CompleteUploadSuccess
    | ValidationFailed
    | UploadClosed
    | UploadIncomplete
    | TooManyJobs
    | Overloaded
    | NotFound
    | Forbidden
    | Unauthenticated,
    strawberry.union("CompleteUploadResult", description="How completing an upload ended."),
]
AbortUploadResult = Annotated[
    AbortUploadSuccess | ValidationFailed | UploadClosed | NotFound | Forbidden | Unauthenticated,
    strawberry.union("AbortUploadResult", description="How giving up an upload ended."),
]


@strawberry.type
class UploadMutation:
    @strawberry.mutation(description="Opens an upload. The bytes go to storage by URL, never through this API.")
    async def create_upload(
        self, info: Info, input: Annotated[CreateUploadInput, strawberry.argument(description="The file.")]
    ) -> CreateUploadResult:
        made = await info.context.service(UploadCreation).create(info.context.caller, input.to_new())
        return CreateUploadSuccess(upload=Upload.of(made))

    @strawberry.mutation(description="Makes a track of a file that has arrived, as a job. Again gives the same job.")
    async def complete_upload(
        self, info: Info, input: Annotated[CompleteUploadInput, strawberry.argument(description="Which upload.")]
    ) -> CompleteUploadResult:
        etags = None if input.parts is None else {part.number: part.etag for part in input.parts}
        job = await info.context.service(UploadCompletion).complete(
            info.context.caller, _upload_id(input.upload_id), etags, input.title
        )
        return CompleteUploadSuccess(job=UploadJob.of(job))

    @strawberry.mutation(description="Gives up an upload that is open.")
    async def abort_upload(
        self, info: Info, input: Annotated[AbortUploadInput, strawberry.argument(description="Which upload.")]
    ) -> AbortUploadResult:
        service = info.context.service(UploadCompletion)
        return AbortUploadSuccess(
            upload=Upload.of(await service.abort(info.context.caller, _upload_id(input.upload_id)))
        )


def _upload_id(given: strawberry.ID) -> str:
    """Raises `ValidationFailed` for what is not the id of an upload."""
    return local_id(given, "Upload", "uploadId")
