"""Changing what is said of a track, its words, and which of its versions plays."""

from typing import Annotated

import strawberry

from domain.library.services.edit import TrackEditing
from graphql_api.accounts.identity_types import EmailUnverified
from graphql_api.core.context import Info
from graphql_api.core.ids import local_id
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.library.inputs import SetCurrentVersionInput, UpdateTrackInput
from graphql_api.library.lyrics import SetLyricsInput
from graphql_api.library.problems import EditConflict, LyricsDamaged
from graphql_api.library.types import Track


@strawberry.type(description="The track is changed.")
class UpdateTrackSuccess:
    track: Track = strawberry.field(description="The track as it is now.")


@strawberry.type(description="From now on this version plays.")
class SetCurrentVersionSuccess:
    track: Track = strawberry.field(description="The track as it is now.")


@strawberry.type(description="The track has these words.")
class SetLyricsSuccess:
    track: Track = strawberry.field(description="The track as it is now.")


UpdateTrackResult = Annotated[
    UpdateTrackSuccess | ValidationFailed | EditConflict | NotFound | Forbidden | Unauthenticated,
    strawberry.union("UpdateTrackResult", description="How the change ended."),
]
SetCurrentVersionResult = Annotated[
    SetCurrentVersionSuccess
    | ValidationFailed
    | EditConflict
    | EmailUnverified
    | NotFound
    | Forbidden
    | Unauthenticated,
    strawberry.union("SetCurrentVersionResult", description="How choosing a version ended."),
]

SetLyricsResult = Annotated[
    SetLyricsSuccess | ValidationFailed | LyricsDamaged | EditConflict | NotFound | Forbidden | Unauthenticated,
    strawberry.union("SetLyricsResult", description="How setting the lyrics ended."),
]


@strawberry.type
class TrackEditingMutation:
    @strawberry.mutation(
        description="Changes what is said of a track, also in the files that are downloaded from now on."
    )
    async def update_track(
        self, info: Info, input: Annotated[UpdateTrackInput, strawberry.argument(description="The changes.")]
    ) -> UpdateTrackResult:
        changed = await info.context.service(TrackEditing).update(
            info.context.caller,
            local_id(input.track_id, "Track", "trackId"),
            input.expected_revision,
            input.to_changes(),
        )
        return UpdateTrackSuccess(track=Track.of(changed))

    @strawberry.mutation(
        description="Makes another version of a track the one that is shown and downloaded. Of a public track that is "
        "publishing, which is for artists whose e-mail address is verified."
    )
    async def set_current_version(
        self, info: Info, input: Annotated[SetCurrentVersionInput, strawberry.argument(description="Which version.")]
    ) -> SetCurrentVersionResult:
        changed = await info.context.service(TrackEditing).set_current_version(
            info.context.caller,
            local_id(input.track_id, "Track", "trackId"),
            local_id(input.version_id, "Version", "versionId"),
            input.expected_revision,
        )
        return SetCurrentVersionSuccess(track=Track.of(changed))

    @strawberry.mutation(description="Sets the words of a track, plain or synchronised, or removes them.")
    async def set_lyrics(
        self, info: Info, input: Annotated[SetLyricsInput, strawberry.argument(description="The words.")]
    ) -> SetLyricsResult:
        changed = await info.context.service(TrackEditing).set_lyrics(
            info.context.caller,
            local_id(input.track_id, "Track", "trackId"),
            input.expected_revision,
            input.to_wish(),
        )
        return SetLyricsSuccess(track=Track.of(changed))
