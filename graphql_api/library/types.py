"""Tracks and versions as the schema shows them."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry import relay

from domain.kit.errors import Issue, ValidationFailed
from domain.library.model import Analysis as AnalysisModel
from domain.library.model import Track as TrackModel
from domain.library.model import Version as VersionModel
from domain.library.model import VersionFacts
from graphql_api.core.connections import DEFAULT_PAGE, Connection, connection, page_request
from graphql_api.core.context import Info
from graphql_api.core.shown import Shown, shows_record
from graphql_api.jobs.loaders import JobLoader
from graphql_api.jobs.types import Job, JobPresenter
from graphql_api.library.loaders import (
    DayPlaysLoader,
    PlayCountLoader,
    TrackDays,
    TrackLoader,
    TrackPage,
    VersionLoader,
    VersionPageLoader,
)
from graphql_api.library.lyrics import Lyrics

MOST_DAYS = 90


@shows_record()
@strawberry.type(description="What was measured on the finished audio itself.")
class Analysis(Shown):
    loudness_lufs: float = strawberry.field(description="Integrated loudness in LUFS (ITU-R BS.1770).")
    loudness_range_lu: float = strawberry.field(description="Loudness range in LU (EBU Tech 3342).")
    true_peak_dbtp: float = strawberry.field(description="True peak in dBTP, at four times oversampling.")
    tempo_bpm: float = strawberry.field(description="Tempo in beats per minute; 0 when there is no pulse.")
    tempo_confidence: float = strawberry.field(description="How sure the tempo is, 0 to 1.")
    key: str = strawberry.field(description="Key such as `A minor`; empty when there is none.")
    key_confidence: float = strawberry.field(description="How sure the key is, 0 to 1.")

    record: strawberry.Private[AnalysisModel]


@strawberry.enum(description="How a version came about.")
class VersionKind(Enum):
    GENERATED = strawberry.enum_value("GENERATED", description="Composed and played from a prompt.")
    UPLOADED = strawberry.enum_value("UPLOADED", description="Brought by its owner as a file.")


@shows_record(key_scale="key", seed="origin.seed", model_id="origin.model_id", model_version="origin.model_version")
@strawberry.type(description="One immutable recording of a track.")
class Version(Shown, relay.Node):
    id: relay.NodeID[str]
    created_at: datetime = strawberry.field(description="When it was finished.")
    duration_seconds: float = strawberry.field(description="Its length in seconds.")
    bpm: float | None = strawberry.field(
        description="The tempo it was composed in, in beats per minute; null for an upload, see `analysis`."
    )
    key_scale: str | None = strawberry.field(
        description="The key it was composed in, such as `A minor`; null for an upload, see `analysis`."
    )
    meter: str | None = strawberry.field(description="The meter it was composed in, such as `6/8`; null for an upload.")
    seed: int | None = strawberry.field(
        description="The seed; the same request with it gives the same music. Null for an upload."
    )
    model_id: str | None = strawberry.field(description="The model that made it; null for an upload.")
    model_version: str | None = strawberry.field(description="The version of that model; null for an upload.")
    record: strawberry.Private[VersionFacts]

    @strawberry.field(description="How it came about.")
    def kind(self) -> VersionKind:
        return VersionKind(self.record.origin.kind.value)

    @strawberry.field(description="What was measured on the audio.")
    def analysis(self) -> Analysis:
        return Analysis.of(self.record.analysis)

    @strawberry.field(description="The version that it was made of; null for one that began with nothing.")
    async def parent(self, info: Info) -> "Version | None":
        if self.record.origin.parent_id is None:
            return None
        found = await info.context.loader(VersionLoader).load(self.record.origin.parent_id)
        return None if found is None else Version.of(found)

    @strawberry.field(description="The job that made it; null once nothing is known of that job any more.")
    async def job(self, info: Info) -> Job | None:
        found = await info.context.loader(JobLoader).load(self.record.origin.job_id)
        return None if found is None else info.context.service(JobPresenter).present(found)

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(VersionLoader).load_many(list(node_ids))
        return [None if version is None else cls.of(version) for version in found]


@strawberry.type(description="How often a track was played on one day.")
class DayPlays:
    day: date = strawberry.field(description="The day, in UTC.")
    play_count: int = strawberry.field(description="How many plays began on it.")


@shows_record()
@strawberry.type(description="A piece of music in a person's library.")
class Track(Shown, relay.Node):
    id: relay.NodeID[str]
    title: str = strawberry.field(description="The title.")
    artist: str = strawberry.field(description="Who it is by.")
    genre: str = strawberry.field(description="The genre.")
    description: str = strawberry.field(description="Its owner's words about it; empty when there are none.")
    tags: list[str] = strawberry.field(description="Its owner's labels for it, as they were written.")
    has_own_cover: bool = strawberry.field(description="Whether its owner has set a cover; see `playback` for files.")
    created_at: datetime = strawberry.field(description="When its first version was finished.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    revision: int = strawberry.field(description="From 1, one more with each change; `updateTrack` asks for it.")
    version_count: int = strawberry.field(description="How many versions it has.")
    record: strawberry.Private[TrackModel]

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(TrackLoader).load_many(list(node_ids))
        return [None if track is None else cls.of(track) for track in found]

    @strawberry.field(description="The version that plays.")
    def current_version(self) -> Version | None:
        return Version.of(self.record.current)

    @strawberry.field(description="Its words; null when there are none.")
    def lyrics(self) -> Lyrics | None:
        return None if self.record.lyrics is None else Lyrics.of(self.record.lyrics)

    @strawberry.field(description="How often it was played: listens of 30 seconds or more, or of half a shorter track.")
    async def play_count(self, info: Info) -> int:
        return await info.context.loader(PlayCountLoader).load(self.record.id)

    @strawberry.field(description="The same for each of the last days (UTC), the oldest first, today included.")
    async def plays_by_day(
        self,
        info: Info,
        days: Annotated[int, strawberry.argument(description="How many days, 1 to 90.")] = 30,
    ) -> list[DayPlays]:
        if not 1 <= days <= MOST_DAYS:
            raise ValidationFailed([Issue("days", f"'days' must be between 1 and {MOST_DAYS}.")])
        found = await info.context.loader(DayPlaysLoader).load(TrackDays(self.record.id, days))
        return [DayPlays(day=day, play_count=plays) for day, plays in found]

    @strawberry.field(description="All versions, newest first.")
    async def versions(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = DEFAULT_PAGE,
        after: Annotated[str | None, strawberry.argument(description="A cursor to go on behind.")] = None,
    ) -> Connection[Version]:
        request = page_request(first, after)
        page = await info.context.loader(VersionPageLoader).load(TrackPage(self.record.id, request))
        return connection(page, request, Version.of, _version_position)


def _version_position(version: VersionModel) -> str:
    return version.id
