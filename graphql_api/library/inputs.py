"""What the mutations of the library take."""

import strawberry

from domain.library.editing import TrackChanges

TRACK_ID = "The track's id."
EXPECTED_REVISION = "The `revision` that you have read; if the track is at another one, nothing is written."


@strawberry.input(description="What to change of a track. What is left out, or null, stays as it is.")
class UpdateTrackInput:
    track_id: strawberry.ID = strawberry.field(description=TRACK_ID)
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)
    title: str | None = strawberry.field(default=None, description="The title, 1 to 120 characters.")
    artist: str | None = strawberry.field(default=None, description="Who it is by, 1 to 120 characters.")
    genre: str | None = strawberry.field(
        default=None, description="The genre in your own words, up to 60 characters; empty for none."
    )
    description: str | None = strawberry.field(
        default=None, description="Your own words about it, up to 2,000 characters; empty for none."
    )
    tags: list[str] | None = strawberry.field(
        default=None,
        description="All of its labels: at most 20 of 1 to 40 characters. Those that differ only in upper and lower "
        "case are one.",
    )

    def to_changes(self) -> TrackChanges:
        return TrackChanges(self.title, self.artist, self.genre, self.description, self.tags)


@strawberry.input(description="Which version of a track is to play.")
class SetCurrentVersionInput:
    track_id: strawberry.ID = strawberry.field(description=TRACK_ID)
    version_id: strawberry.ID = strawberry.field(description="The id of one of its versions.")
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)


@strawberry.input(description="Which track to put into the trash.")
class TrashTrackInput:
    track_id: strawberry.ID = strawberry.field(description=TRACK_ID)


@strawberry.input(description="Which track to take out of the trash.")
class RestoreTrackInput:
    track_id: strawberry.ID = strawberry.field(description=TRACK_ID)


@strawberry.input(description="Which track of the trash to delete.")
class DeleteTrackForeverInput:
    track_id: strawberry.ID = strawberry.field(description=TRACK_ID)
