"""Into the trash, out of it, and deleting for good."""

from typing import Annotated

import strawberry

from domain.library.services.trash import TrackTrash
from graphql_api.core.context import Info
from graphql_api.core.ids import local_id
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.library.inputs import DeleteTrackForeverInput, RestoreTrackInput, TrashTrackInput
from graphql_api.library.trash_types import TrashedTrack
from graphql_api.library.types import Track


@strawberry.type(description="The track is in the trash.")
class TrashTrackSuccess:
    trashed: TrashedTrack = strawberry.field(description="The track, and until when it can be restored.")


@strawberry.type(description="The track is where it was.")
class RestoreTrackSuccess:
    track: Track = strawberry.field(description="The track.")


@strawberry.type(description="The track cannot be restored any more; its files are being deleted.")
class DeleteTrackForeverSuccess:
    deleted_id: strawberry.ID = strawberry.field(description="The id it had.")


TrashTrackResult = Annotated[
    TrashTrackSuccess | ValidationFailed | NotFound | Forbidden | Unauthenticated,
    strawberry.union("TrashTrackResult", description="How throwing a track away ended."),
]
RestoreTrackResult = Annotated[
    RestoreTrackSuccess | ValidationFailed | NotFound | Forbidden | Unauthenticated,
    strawberry.union("RestoreTrackResult", description="How restoring a track ended."),
]
DeleteTrackForeverResult = Annotated[
    DeleteTrackForeverSuccess | ValidationFailed | NotFound | Forbidden | Unauthenticated,
    strawberry.union("DeleteTrackForeverResult", description="How deleting a track ended."),
]


@strawberry.type
class TrashMutation:
    @strawberry.mutation(description="Puts a track into the trash with all its versions. Again gives no more time.")
    async def trash_track(
        self, info: Info, input: Annotated[TrashTrackInput, strawberry.argument(description="Which track.")]
    ) -> TrashTrackResult:
        trash = info.context.service(TrackTrash)
        return TrashTrackSuccess(
            trashed=TrashedTrack.of(await trash.trash(info.context.caller, _track_id(input.track_id)))
        )

    @strawberry.mutation(
        description="Takes a track out of the trash. One that was public comes back unlisted, or private when it has "
        "no link, for those who may not publish."
    )
    async def restore_track(
        self, info: Info, input: Annotated[RestoreTrackInput, strawberry.argument(description="Which track.")]
    ) -> RestoreTrackResult:
        trash = info.context.service(TrackTrash)
        return RestoreTrackSuccess(track=Track.of(await trash.restore(info.context.caller, _track_id(input.track_id))))

    @strawberry.mutation(description="Deletes a track of the trash with all its files. There is no way back.")
    async def delete_track_forever(
        self, info: Info, input: Annotated[DeleteTrackForeverInput, strawberry.argument(description="Which track.")]
    ) -> DeleteTrackForeverResult:
        await info.context.service(TrackTrash).delete_forever(info.context.caller, _track_id(input.track_id))
        return DeleteTrackForeverSuccess(deleted_id=input.track_id)


def _track_id(given: strawberry.ID) -> str:
    """Raises `ValidationFailed` for what is not the id of a track."""
    return local_id(given, "Track", "trackId")
