"""Bringing a picture and making it a track's cover, in the schema."""

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from domain.uploads import errors
from domain.uploads.covers import NewCover
from domain.uploads.services.set_cover import CoverSetting, CoverUploads
from graphql_api.core.context import Info
from graphql_api.core.ids import global_id, local_id
from graphql_api.core.problems import (
    Forbidden,
    NotFound,
    Problem,
    ProblemCode,
    ProblemHandler,
    Unauthenticated,
    ValidationFailed,
)
from graphql_api.core.scalars import URL
from graphql_api.library.problems import EditConflict
from graphql_api.library.types import Track
from graphql_api.uploads.types import TooManyUploads

EXPECTED_REVISION = "The track's `revision` that you have read; if it is at another one, nothing is written."


@strawberry.input(description="A picture that is to be a track's cover.")
class CreateCoverUploadInput:
    track_id: strawberry.ID = strawberry.field(description="The track's id.")
    size_bytes: int = strawberry.field(description="The file's exact size in bytes, at most 10,000,000.")
    content_type: str = strawberry.field(description="`image/jpeg`, `image/png` or `image/webp`.")


@strawberry.input(description="Which picture becomes the cover of the track that it was brought for.")
class SetCoverInput:
    cover_upload_id: strawberry.ID = strawberry.field(description="The id that `createCoverUpload` gave.")
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)


@strawberry.input(description="Which track is to show the cover of its version again.")
class RemoveCoverInput:
    track_id: strawberry.ID = strawberry.field(description="The track's id.")
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)


@strawberry.type(description="Where a picture can be sent to.")
class CoverUpload:
    id: strawberry.ID = strawberry.field(description="What `setCover` asks for.")
    url: URL = strawberry.field(description="Where to PUT the file, without any header but its length.")
    expires_at: datetime = strawberry.field(description="Until when the file can be sent and used.")


@strawberry.type(description="PUT the picture to its `url`, then call `setCover`.")
class CreateCoverUploadSuccess:
    cover_upload: CoverUpload = strawberry.field(description="Where to send the picture.")


@strawberry.type(description="The track shows this cover: the middle square of the picture, as a JPEG of 1024x1024.")
class SetCoverSuccess:
    track: Track = strawberry.field(description="The track as it is now.")


@strawberry.type(description="The track shows the cover of its version.")
class RemoveCoverSuccess:
    track: Track = strawberry.field(description="The track as it is now.")


@strawberry.enum(description="Why a file cannot be a cover.")
class PictureFault(Enum):
    NOT_A_PICTURE = strawberry.enum_value("NOT_A_PICTURE", description="It is no JPEG, PNG or WebP.")
    DAMAGED = strawberry.enum_value("DAMAGED", description="It is damaged or was cut off.")
    TOO_SMALL = strawberry.enum_value("TOO_SMALL", description="A side has less than 300 pixels.")
    TOO_LARGE = strawberry.enum_value("TOO_LARGE", description="It has more than 24 million pixels.")


@strawberry.type(description="What was brought cannot be a cover; nothing has changed.")
class CoverRefused(Problem):
    fault: PictureFault = strawberry.field(description="What is wrong with it.")

    @classmethod
    def of(cls, error: errors.CoverRefused) -> "CoverRefused":
        return cls(code=ProblemCode.COVER_REFUSED, message=error.message, fault=PictureFault(error.fault.value))


@strawberry.type(description="The picture has not arrived, or not all of it; nothing has changed.")
class CoverMissing(Problem):
    pass


HANDLERS = (
    ProblemHandler(errors.CoverRefused, CoverRefused),
    ProblemHandler(errors.CoverMissing, CoverMissing),
)

CreateCoverUploadResult = Annotated[
    CreateCoverUploadSuccess | ValidationFailed | TooManyUploads | NotFound | Forbidden | Unauthenticated,
    strawberry.union("CreateCoverUploadResult", description="How asking for an address ended."),
]
SetCoverResult = Annotated[
    SetCoverSuccess
    | ValidationFailed
    | CoverRefused
    | CoverMissing
    | EditConflict
    | NotFound
    | Forbidden
    | Unauthenticated,
    strawberry.union("SetCoverResult", description="How setting a cover ended."),
]
RemoveCoverResult = Annotated[
    RemoveCoverSuccess | ValidationFailed | EditConflict | NotFound | Forbidden | Unauthenticated,
    strawberry.union("RemoveCoverResult", description="How removing a cover ended."),
]


@strawberry.type
class CoverMutation:
    @strawberry.mutation(description="Gives an address to send a picture to. It goes to storage, not through this API.")
    async def create_cover_upload(
        self, info: Info, input: Annotated[CreateCoverUploadInput, strawberry.argument(description="The picture.")]
    ) -> CreateCoverUploadResult:
        new = NewCover(local_id(input.track_id, "Track", "trackId"), input.size_bytes, input.content_type)
        upload, url = await info.context.service(CoverUploads).create(info.context.caller, new)
        upload_id = strawberry.ID(global_id("CoverUpload", upload.id))
        return CreateCoverUploadSuccess(
            cover_upload=CoverUpload(id=upload_id, url=URL(url), expires_at=upload.expires_at)
        )

    @strawberry.mutation(description="Makes a picture that has arrived the cover. Nothing but its pixels is kept.")
    async def set_cover(
        self, info: Info, input: Annotated[SetCoverInput, strawberry.argument(description="Which picture.")]
    ) -> SetCoverResult:
        upload_id = local_id(input.cover_upload_id, "CoverUpload", "coverUploadId")
        changed = await info.context.service(CoverSetting).set(info.context.caller, upload_id, input.expected_revision)
        return SetCoverSuccess(track=Track.of(changed))

    @strawberry.mutation(description="Shows the cover of a track's version again, and deletes the one that was set.")
    async def remove_cover(
        self, info: Info, input: Annotated[RemoveCoverInput, strawberry.argument(description="Which track.")]
    ) -> RemoveCoverResult:
        track_id = local_id(input.track_id, "Track", "trackId")
        changed = await info.context.service(CoverSetting).remove(
            info.context.caller, track_id, input.expected_revision
        )
        return RemoveCoverSuccess(track=Track.of(changed))
