"""A bulk edit and what came of it, as the schema shows them."""

from collections.abc import Iterable
from enum import Enum
from typing import Any, Self

import strawberry

from domain.bulk.model import BulkEdit, TrackFailure
from domain.kit.errors import NotFound
from graphql_api.bulk.loaders import BulkEditLoader
from graphql_api.core.context import Info
from graphql_api.core.ids import global_id
from graphql_api.core.problems import ProblemCode
from graphql_api.jobs.loaders import JobLoader
from graphql_api.jobs.types import Job


@strawberry.enum(description="What a bulk edit does to each track. What is so already stays as it is.")
class BulkEditAction(Enum):
    ADD_TAGS = strawberry.enum_value("ADD_TAGS", description="Adds `tags` to those that it has.")
    REMOVE_TAGS = strawberry.enum_value("REMOVE_TAGS", description="Takes `tags` away, in upper or lower case.")
    SET_GENRE = strawberry.enum_value("SET_GENRE", description="Makes `genre` its genre.")
    SET_ARTIST = strawberry.enum_value("SET_ARTIST", description="Makes `artist` who it is by.")
    SET_VISIBILITY = strawberry.enum_value("SET_VISIBILITY", description="Opens it to `visibility`, or closes it.")
    ADD_TO_PLAYLIST = strawberry.enum_value(
        "ADD_TO_PLAYLIST", description="Puts it to the end of `playlistId`, unless it stands there already."
    )
    LIKE = strawberry.enum_value("LIKE", description="Likes it.")
    UNLIKE = strawberry.enum_value("UNLIKE", description="Takes the like back.")
    TRASH = strawberry.enum_value("TRASH", description="Puts it into the trash.")
    RESTORE = strawberry.enum_value("RESTORE", description="Takes it out of the trash.")
    DELETE_FOREVER = strawberry.enum_value(
        "DELETE_FOREVER", description="Deletes it from the trash with all its files. There is no way back."
    )


@strawberry.type(description="Why one track was not changed.")
class BulkEditFailure:
    track_id: strawberry.ID = strawberry.field(description="Which track.")
    code: ProblemCode = strawberry.field(description="The problem that changing it alone would have answered.")
    message: str = strawberry.field(description="One sentence for the person who reads it.")

    @classmethod
    def of(cls, failure: TrackFailure) -> Self:
        return cls(
            track_id=strawberry.ID(global_id("Track", failure.track_id)),
            code=ProblemCode(failure.code),
            message=failure.message,
        )


@strawberry.type(
    description="Many tracks being changed. Each is changed once and wholly; canceling stops between tracks and leaves "
    "what is done, and `retryJob` goes on behind it. It makes room when songs wait, which is one more attempt."
)
class BulkEditJob(Job):
    @strawberry.field(description="What is done to each track.")
    async def action(self, info: Info) -> BulkEditAction:
        return BulkEditAction((await _edit(self, info)).change.action.value)

    @strawberry.field(description="How many tracks it is about.")
    async def track_count(self, info: Info) -> int:
        return (await _edit(self, info)).total

    @strawberry.field(description="How many were changed so far.")
    async def changed_count(self, info: Info) -> int:
        return (await _edit(self, info)).tally.changed

    @strawberry.field(description="How many were as wanted already.")
    async def unchanged_count(self, info: Info) -> int:
        return (await _edit(self, info)).tally.unchanged

    @strawberry.field(description="How many could not be changed.")
    async def failed_count(self, info: Info) -> int:
        return (await _edit(self, info)).tally.failed

    @strawberry.field(description="Why, for the first 100 of those.")
    async def failures(self, info: Info) -> list[BulkEditFailure]:
        return [BulkEditFailure.of(failure) for failure in (await _edit(self, info)).tally.failures]

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(JobLoader).load_many(list(node_ids))
        return [None if job is None else cls.of(job) for job in found]


async def _edit(job: BulkEditJob, info: Info) -> BulkEdit:
    found = await info.context.loader(BulkEditLoader).load(job.record.id)
    if found is None:
        raise NotFound("job", job.record.id)
    return found
