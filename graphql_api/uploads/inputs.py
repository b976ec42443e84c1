"""What the upload mutations take."""

import strawberry

from domain.uploads.model import NewUpload
from graphql_api.core.idempotency import KEY_DESCRIPTION
from graphql_api.library.inputs import descent

UPLOAD_ID = "The upload's id."


@strawberry.input(description="A file that is to be brought.")
class CreateUploadInput:
    file_name: str = strawberry.field(description="Its name; the track's title if nothing else gives one.")
    size_bytes: int = strawberry.field(description="Its exact size in bytes, at most `CreditPlan.maxUploadBytes`.")
    content_type: str = strawberry.field(
        description="Its media type, such as `audio/flac`. What it really is, is found out from its content."
    )
    parent_version_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="One of your versions. The file becomes one more of its track; a new track if left out.",
    )
    make_current: bool = strawberry.field(
        default=False,
        description="With `parentVersionId`: whether the track plays the new version as soon as it is finished. Of a "
        "public track only those may ask for that who may publish.",
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_DESCRIPTION)

    def to_new(self) -> NewUpload:
        return NewUpload(
            self.file_name,
            self.size_bytes,
            self.content_type,
            descent(self.parent_version_id, self.make_current),
            self.idempotency_key,
        )


@strawberry.input(description="A part as storage has confirmed it.")
class UploadedPartInput:
    number: int = strawberry.field(description="The number of the part.")
    etag: str = strawberry.field(description="The `ETag` header of storage's answer.")


@strawberry.input(description="Which upload is complete.")
class CompleteUploadInput:
    upload_id: strawberry.ID = strawberry.field(description=UPLOAD_ID)
    parts: list[UploadedPartInput] | None = strawberry.field(
        default=None,
        description="What storage has confirmed, to be compared with what it holds; what it holds counts if left out.",
    )
    title: str | None = strawberry.field(
        default=None,
        description="The track's title; the one in the file, or the file's name, if left out. Not for a version of a "
        "track that is there.",
    )


@strawberry.input(description="Which upload to give up.")
class AbortUploadInput:
    upload_id: strawberry.ID = strawberry.field(description=UPLOAD_ID)
