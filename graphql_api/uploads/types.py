"""An upload, its parts, and the job that makes a track of it, as the schema shows them."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Any, Self

import strawberry
from strawberry import relay

from domain.kit.audio.audio_decoding import EmbeddedTags as TagsModel
from domain.kit.errors import NotFound
from domain.uploads import errors
from domain.uploads.model import LyricsNote
from domain.uploads.model import MissingPart as MissingPartModel
from domain.uploads.model import Upload as UploadModel
from domain.uploads.services.look import UploadLooking
from graphql_api.core.context import Info
from graphql_api.core.ids import global_id
from graphql_api.core.problems import Problem, ProblemCode, ProblemHandler
from graphql_api.core.scalars import URL, BigInt
from graphql_api.jobs.loaders import JobLoader
from graphql_api.jobs.types import Job
from graphql_api.library.loaders import TrackLoader, VersionLoader
from graphql_api.library.types import Track, Version
from graphql_api.uploads.loaders import JobUploadLoader, UploadLoader


@strawberry.enum(description="Where an upload is in its life.")
class UploadStatus(Enum):
    OPEN = strawberry.enum_value("OPEN", description="Parts may be sent until `expiresAt`.")
    COMPLETED = strawberry.enum_value("COMPLETED", description="All of it is there, and `job` makes a track of it.")
    ABORTED = strawberry.enum_value("ABORTED", description="Given up, or left for too long.")


@strawberry.type(description="A piece of the file that has not arrived.")
class MissingPart:
    number: int = strawberry.field(description="Its number, from 1.")
    offset_bytes: BigInt = strawberry.field(description="Where in the file it begins.")
    size_bytes: BigInt = strawberry.field(description="How many bytes it has; no other number is accepted.")
    url: URL = strawberry.field(description="Where to PUT exactly these bytes, without any header of your own.")
    expires_at: datetime = strawberry.field(description="When the URL stops working; ask again for another.")

    @classmethod
    def of(cls, missing: MissingPartModel) -> Self:
        return cls(
            number=missing.part.number,
            offset_bytes=BigInt(missing.part.offset_bytes),
            size_bytes=BigInt(missing.part.size_bytes),
            url=URL(missing.url),
            expires_at=missing.expires_at,
        )


@strawberry.type(description="What the file says about itself; null where it says nothing.")
class EmbeddedTags:
    title: str | None = strawberry.field(description="The title.")
    artist: str | None = strawberry.field(description="Who it is by.")
    album: str | None = strawberry.field(description="The album.")
    genre: str | None = strawberry.field(description="The genre.")
    date: str | None = strawberry.field(description="The date as it stands there, often a year.")

    @classmethod
    def of(cls, tags: TagsModel) -> Self:
        return cls(
            title=tags.title or None,
            artist=tags.artist or None,
            album=tags.album or None,
            genre=tags.genre or None,
            date=tags.date or None,
        )


@strawberry.enum(description="What became of words that stand in a file.")
class EmbeddedLyricsUse(Enum):
    SYNCHRONISED = strawberry.enum_value("SYNCHRONISED", description="They are the track's lyrics, with their times.")
    PLAIN = strawberry.enum_value("PLAIN", description="They are the track's lyrics, without times.")
    NOT_USED = strawberry.enum_value("NOT_USED", description="They are no lyrics of the track; `leftOut` says why.")


@strawberry.type(
    description="What became of the words in the file: of ID3's SYLT and USLT, of LYRICS and the like "
    "in Vorbis comments, of M4A's lyrics. A text in LRC has times, wherever it stands."
)
class EmbeddedLyrics:
    use: EmbeddedLyricsUse = strawberry.field(description="What they are used as.")
    left_out: str | None = strawberry.field(
        description="What of them could not be used and why, in a sentence; null when all of them are. "
        "The original keeps them as they are."
    )

    @classmethod
    def of(cls, note: LyricsNote) -> Self:
        return cls(use=EmbeddedLyricsUse(note.use.value), left_out=note.left_out or None)


@strawberry.type(description="A file of yours on its way to becoming a track.")
class Upload(relay.Node):
    id: relay.NodeID[str]
    file_name: str = strawberry.field(description="The file's name.")
    size_bytes: BigInt = strawberry.field(description="Its size in bytes.")
    content_type: str = strawberry.field(description="The media type that was claimed.")
    status: UploadStatus = strawberry.field(description="Where it is in its life.")
    created_at: datetime = strawberry.field(description="When it was opened.")
    expires_at: datetime = strawberry.field(description="Until when it can be completed.")
    record: strawberry.Private[UploadModel]

    @classmethod
    def of(cls, upload: UploadModel) -> Self:
        return cls(
            id=upload.id,
            file_name=upload.file_name,
            size_bytes=BigInt(upload.size_bytes),
            content_type=upload.content_type,
            status=UploadStatus(upload.status.value),
            created_at=upload.created_at,
            expires_at=upload.expires_at,
            record=upload,
        )

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(UploadLoader).load_many(list(node_ids))
        return [None if upload is None else cls.of(upload) for upload in found]

    @strawberry.field(
        description="What storage does not have yet, with fresh URLs; a file of up to 8 MiB is one part. Empty once "
        "all has arrived, and for an upload that is closed."
    )
    async def missing_parts(self, info: Info) -> list[MissingPart]:
        missing = await info.context.service(UploadLooking).missing_parts(info.context.caller, self.record)
        return [MissingPart.of(each) for each in missing]

    @strawberry.field(description="The job that makes a track of it; null until it is complete.")
    async def job(self, info: Info) -> "UploadJob | None":
        if self.record.job_id is None:
            return None
        job = await info.context.loader(JobLoader).load(self.record.job_id)
        return None if job is None else UploadJob.of(job)


@strawberry.type(description="A file becoming a track.")
class UploadJob(Job):
    @strawberry.field(description="The upload that it processes.")
    async def upload(self, info: Info) -> Upload:
        return Upload.of(await _upload(self, info))

    @strawberry.field(description="What the file says about itself; null until it was read.")
    async def tags(self, info: Info) -> EmbeddedTags | None:
        tags = (await _upload(self, info)).tags
        return None if tags is None else EmbeddedTags.of(tags)

    @strawberry.field(description="What became of the words in the file; null until it was read, and without any.")
    async def lyrics(self, info: Info) -> EmbeddedLyrics | None:
        note = (await _upload(self, info)).lyrics
        return None if note is None else EmbeddedLyrics.of(note)

    @strawberry.field(description="The id of the track to be; `playback` takes it as soon as `isPlayable` is true.")
    async def track_id(self, info: Info) -> strawberry.ID:
        return strawberry.ID(global_id("Track", (await _upload(self, info)).track_id))

    @strawberry.field(description="The id of the version to be; `playback` takes it with that of the track.")
    async def version_id(self, info: Info) -> strawberry.ID:
        return strawberry.ID(global_id("Version", (await _upload(self, info)).version_id))

    @strawberry.field(description="The finished version.")
    async def version(self, info: Info) -> Version | None:
        found = await info.context.loader(VersionLoader).load((await _upload(self, info)).version_id)
        return None if found is None else Version.of(found)

    @strawberry.field(description="The finished track, or the one that gets one more version.")
    async def track(self, info: Info) -> Track | None:
        found = await info.context.loader(TrackLoader).load((await _upload(self, info)).track_id)
        return None if found is None else Track.seen(found)

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(JobLoader).load_many(list(node_ids))
        return [None if job is None else cls.of(job) for job in found]


async def _upload(job: UploadJob, info: Info) -> UploadModel:
    found = await info.context.loader(JobUploadLoader).load(job.record.id)
    if found is None:
        raise NotFound("job", job.record.id)
    return found


@strawberry.type(description="As many uploads of yours are open as may be at once.")
class TooManyUploads(Problem):
    max_open_uploads: int = strawberry.field(description="How many may be open at once.")

    @classmethod
    def of(cls, error: errors.TooManyUploads) -> "TooManyUploads":
        return cls(code=ProblemCode.TOO_MANY_UPLOADS, message=error.message, max_open_uploads=error.limit)


@strawberry.type(description="Nothing more can be brought to this upload.")
class UploadClosed(Problem):
    status: UploadStatus = strawberry.field(description="How it ended.")

    @classmethod
    def of(cls, error: errors.UploadClosed) -> "UploadClosed":
        return cls(code=ProblemCode.UPLOAD_CLOSED, message=error.message, status=UploadStatus(error.status.value))


@strawberry.type(description="Not all of the file has arrived.")
class UploadIncomplete(Problem):
    missing_parts: list[int] = strawberry.field(description="The numbers of the parts to send again.")

    @classmethod
    def of(cls, error: errors.UploadIncomplete) -> "UploadIncomplete":
        return cls(code=ProblemCode.UPLOAD_INCOMPLETE, message=error.message, missing_parts=list(error.missing))


HANDLERS = (
    ProblemHandler(errors.TooManyUploads, TooManyUploads),
    ProblemHandler(errors.UploadClosed, UploadClosed),
    ProblemHandler(errors.UploadIncomplete, UploadIncomplete),
)
