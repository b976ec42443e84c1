"""How a library is sorted and filtered, as the schema has it."""

from datetime import UTC, datetime
from enum import Enum

import strawberry

from domain.kit.keyset import Order
from domain.library.listing import ALL_TRACKS, NEWEST_FIRST, ORDERS, TrackFilter
from domain.library.listing import TrackSort as SortModel
from domain.library.model import VersionKind as KindModel
from graphql_api.library.types import VersionKind


@strawberry.enum(description="An order of tracks. Titles are sorted without regard to case and accents.")
class TrackSort(Enum):
    CREATED_AT_DESC = strawberry.enum_value("CREATED_AT_DESC", description="The newest first.")
    CREATED_AT_ASC = strawberry.enum_value("CREATED_AT_ASC", description="The oldest first.")
    UPDATED_AT_DESC = strawberry.enum_value("UPDATED_AT_DESC", description="The one that was changed last first.")
    TITLE_ASC = strawberry.enum_value("TITLE_ASC", description="By title.")
    TITLE_DESC = strawberry.enum_value("TITLE_DESC", description="By title, backwards.")
    DURATION_ASC = strawberry.enum_value("DURATION_ASC", description="The shortest first.")
    DURATION_DESC = strawberry.enum_value("DURATION_DESC", description="The longest first.")


@strawberry.input(
    name="TrackFilter",
    description="Which tracks to list: those that fit everything that is given. Texts are compared without regard to "
    "case and accents.",
)
class TrackFilterInput:
    genres: list[str] | None = strawberry.field(default=None, description="Of one of these genres; at most 20.")
    tags: list[str] | None = strawberry.field(default=None, description="With all of these tags; at most 20.")
    kinds: list[VersionKind] | None = strawberry.field(
        default=None, description="With a current version that came about in one of these ways."
    )
    created_after: datetime | None = strawberry.field(default=None, description="Made at this time or later.")
    created_before: datetime | None = strawberry.field(default=None, description="Made before this time.")
    min_bpm: float | None = strawberry.field(
        default=None, description="At least as fast, in beats per minute: as composed, or as measured on an upload."
    )
    max_bpm: float | None = strawberry.field(default=None, description="At most as fast.")
    key_scale: str | None = strawberry.field(
        default=None, description="In this key, such as `A minor` or `Db`: as composed, or as measured on an upload."
    )
    min_duration_seconds: float | None = strawberry.field(default=None, description="At least as long, in seconds.")
    max_duration_seconds: float | None = strawberry.field(default=None, description="At most as long, in seconds.")
    text: str | None = strawberry.field(
        default=None,
        description="Words, 1 to 10, that all stand in its title, artist, tags, description or lyrics; beginnings "
        "of words will do. Of very long texts the first 400 words count.",
    )

    def to_filter(self) -> TrackFilter:
        return TrackFilter(
            genres=None if self.genres is None else tuple(self.genres),
            tags=tuple(self.tags or ()),
            kinds=None if self.kinds is None else tuple(KindModel[kind.name] for kind in self.kinds),
            created_after=in_utc(self.created_after),
            created_before=in_utc(self.created_before),
            min_bpm=self.min_bpm,
            max_bpm=self.max_bpm,
            key_scale=self.key_scale,
            min_duration_seconds=self.min_duration_seconds,
            max_duration_seconds=self.max_duration_seconds,
            text=self.text,
        )


def order_of(given: TrackSort | None) -> Order:
    return NEWEST_FIRST if given is None else ORDERS[SortModel[given.name]]


def filter_of(given: TrackFilterInput | None) -> TrackFilter:
    return ALL_TRACKS if given is None else given.to_filter()


def in_utc(moment: datetime | None) -> datetime | None:
    """A moment that does not say how far from UTC it is, is in UTC."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
