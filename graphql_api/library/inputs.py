"""What the mutations of the library take."""

import strawberry

from domain.kit.errors import Issue, ValidationFailed
from domain.library.editing import TrackChanges
from domain.library.model import Descent
from domain.library.services.branch import NewBranch
from graphql_api.core.idempotency import KEY_DESCRIPTION
from graphql_api.core.ids import local_id

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


@strawberry.input(description="Which version a new track begins with.")
class BranchTrackInput:
    version_id: strawberry.ID = strawberry.field(description="One of your versions.")
    title: str | None = strawberry.field(
        default=None, description="The title, 1 to 120 characters; that of its track if left out."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_DESCRIPTION)

    def to_new(self) -> NewBranch:
        return NewBranch(local_id(self.version_id, "Version", "versionId"), self.title, self.idempotency_key)


def descent(parent_version_id: strawberry.ID | None, make_current: bool) -> Descent | None:
    """What the two fields say together. Raises `ValidationFailed`."""
    if parent_version_id is not None:
        return Descent(local_id(parent_version_id, "Version", "parentVersionId"), make_current)
    if make_current:
        raise ValidationFailed([Issue("makeCurrent", "A new track plays its only version. Leave it out.")])
    return None
