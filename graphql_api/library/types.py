"""Tracks and versions as the schema shows them."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Self

import strawberry
from strawberry import relay

from domain.kit.errors import Issue, ValidationFailed
from domain.kit.paging import Page
from domain.library.model import TakeDown as TakeDownModel
from domain.library.model import Track as TrackModel
from domain.library.model import VersionFacts
from domain.library.services.share import TrackSharing
from domain.library.sharing import SeenTrack
from domain.library.terms import commercial_use
from domain.recognition.model import Duplicate
from graphql_api.core.connections import DEFAULT_PAGE, Connection, connection, page_request
from graphql_api.core.context import Info
from graphql_api.core.ids import global_id
from graphql_api.core.shown import Shown, shows_record
from graphql_api.jobs.loaders import JobLoader
from graphql_api.jobs.types import Job, JobPresenter
from graphql_api.library.analysis_types import Analysis
from graphql_api.library.loaders import (
    DayPlaysLoader,
    DuplicatesLoader,
    FingerprintLoader,
    LikesLoader,
    PlayCountLoader,
    TrackDays,
    TrackLoader,
    TrackPage,
    VersionLoader,
    VersionPageLoader,
)
from graphql_api.library.lyrics import Lyrics
from graphql_api.library.transcription_loaders import TranscriptionLoader
from graphql_api.library.transcription_types import Transcription

MOST_DAYS = 90


@strawberry.enum(description="How a version came about.")
class VersionKind(Enum):
    GENERATED = strawberry.enum_value("GENERATED", description="Composed and played from a prompt.")
    EXTENDED = strawberry.enum_value("EXTENDED", description="Another version that goes on; see `extendTrack`.")
    REPAINTED = strawberry.enum_value(
        "REPAINTED", description="Another version with some bars written anew; see `repaintTrack`."
    )
    LAYERED = strawberry.enum_value("LAYERED", description="Another version with one more instrument; see `addLayer`.")
    VARIED = strawberry.enum_value("VARIED", description="Another take on a version; see `varyTrack`.")
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
        description="The seed; the same request with it gives the same music. Null for an upload, and for others than "
        "its owner."
    )
    model_id: str | None = strawberry.field(
        description="The model that made it; null for an upload, and for others than its owner."
    )
    model_version: str | None = strawberry.field(description="The version of that model; null where `modelId` is.")
    record: strawberry.Private[VersionFacts]

    @strawberry.field(
        description="The licences of all added models whose sound is in it, also of versions before it; empty for our "
        "own models and for an upload. Its files' tags have them joined by AND."
    )
    def licences(self) -> list[str]:
        return [terms.licence for terms in self.record.origin.terms]

    @strawberry.field(
        description="Whether the strictest of `licences` allows commercial use: false where one forbids it, null where "
        "nobody knows of one, and true where there is none. It says nothing of what people bring."
    )
    def commercial_use(self) -> bool | None:
        return commercial_use(self.record.origin.terms)

    @strawberry.field(description="How it came about.")
    def kind(self) -> VersionKind:
        return VersionKind(self.record.origin.kind.value)

    @strawberry.field(description="What was measured on the audio.")
    def analysis(self) -> Analysis:
        return Analysis.of(self.record)

    @strawberry.field(
        description="The Chromaprint fingerprint of its first two minutes, as AcoustID takes it; null for less than "
        "three seconds, for what was made before there were any, and for others than its owner."
    )
    async def fingerprint(self, info: Info) -> str | None:
        return await info.context.loader(FingerprintLoader).load(self.id)

    @strawberry.field(
        description="The notes that were heard in it; null for what was generated, which has a score, for what was "
        "uploaded before notes were heard, and for others than its owner."
    )
    async def transcription(self, info: Info) -> Transcription | None:
        found = await info.context.loader(TranscriptionLoader).load(self.id)
        return None if found is None else Transcription.of(found)

    @strawberry.field(
        description="The version that it was made of; null for one that began with nothing, and for others than its "
        "owner."
    )
    async def parent(self, info: Info) -> "Version | None":
        if self.record.origin.parent_id is None:
            return None
        found = await info.context.loader(VersionLoader).load(self.record.origin.parent_id)
        return None if found is None else Version.of(found)

    @strawberry.field(
        description="The job that made it; null once nothing is known of that job any more, and for others than its "
        "owner."
    )
    async def job(self, info: Info) -> Job | None:
        if not self.record.origin.job_id:
            return None
        found = await info.context.loader(JobLoader).load(self.record.origin.job_id)
        return None if found is None else info.context.service(JobPresenter).present(found)

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(VersionLoader).load_many(list(node_ids))
        return [None if version is None else cls.of(version) for version in found]


@strawberry.enum(description="Who besides its owner may listen to something, and see what its owner says of it.")
class Visibility(Enum):
    PRIVATE = strawberry.enum_value("PRIVATE", description="Nobody.")
    UNLISTED = strawberry.enum_value("UNLISTED", description="Whoever has its link.")
    PUBLIC = strawberry.enum_value("PUBLIC", description="Everybody.")


@strawberry.type(description="A moderator's decision that nobody but its owner may listen to a track.")
class TakeDown:
    at: datetime = strawberry.field(description="When it was decided.")
    reason: str = strawberry.field(description="The reason given.")

    @classmethod
    def of(cls, taken_down: TakeDownModel) -> Self:
        return cls(at=taken_down.at, reason=taken_down.reason)


@strawberry.type(description="How often a track was played on one day.")
class DayPlays:
    day: date = strawberry.field(description="The day, in UTC.")
    play_count: int = strawberry.field(description="How many plays began on it.")


@shows_record(
    "track",
    is_mine="is_own",
    updated_at="updated_at",
    revision="revision",
    published_at="track.sharing.published_at",
    allows_downloads="track.sharing.allows_downloads",
)
@strawberry.type(
    description="A piece of music in a person's library. Others, whom its owner lets listen, see less of it."
)
class Track(Shown, relay.Node):
    id: relay.NodeID[str]
    is_mine: bool = strawberry.field(description="Whether it is yours.")
    title: str = strawberry.field(description="The title.")
    artist: str = strawberry.field(description="Who it is by.")
    genre: str = strawberry.field(description="The genre.")
    description: str = strawberry.field(description="Its owner's words about it; empty when there are none.")
    tags: list[str] = strawberry.field(description="Its owner's labels for it, as they were written.")
    has_own_cover: bool = strawberry.field(description="Whether its owner has set a cover; see `playback` for files.")
    created_at: datetime = strawberry.field(description="When its first version was finished.")
    updated_at: datetime | None = strawberry.field(
        description="When it was last changed; null for others than its owner."
    )
    revision: int | None = strawberry.field(
        description="From 1, one more with each change; `updateTrack` asks for it. Null for others than its owner."
    )
    published_at: datetime | None = strawberry.field(description="When it was made public; null while it is not.")
    allows_downloads: bool = strawberry.field(
        description="Whether who may listen may also download the master and the MP3."
    )
    version_count: int = strawberry.field(description="How many versions it has; 1 for others than its owner.")
    record: strawberry.Private[SeenTrack]

    @classmethod
    def of(cls, record: TrackModel) -> Self:
        """One's own."""
        return cls.seen(SeenTrack(record, is_own=True))

    @classmethod
    def seen(cls, seen: SeenTrack) -> Self:
        return super().of(seen)

    @strawberry.field(description="Whose it is, for `publicTracks`.")
    def owner_id(self) -> strawberry.ID:
        return strawberry.ID(global_id("Account", self.record.track.owner_id))

    @strawberry.field(description="Who besides its owner may listen to it.")
    def visibility(self) -> Visibility:
        return Visibility[self.record.track.sharing.visibility.name]

    @strawberry.field(description="Set when a moderator has taken it down; null for others than its owner.")
    def taken_down(self) -> TakeDown | None:
        found = self.record.track.sharing.taken_down
        return None if found is None else TakeDown.of(found)

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(TrackLoader).load_many(list(node_ids))
        return [None if track is None else cls.seen(track) for track in found]

    @strawberry.field(
        description="The secret of its link, for `sharedTrack` and `playback`; null when it has none, and for others "
        "than its owner."
    )
    async def share_secret(self, info: Info) -> str | None:
        return await info.context.service(TrackSharing).secret_of(self.record.track)

    @strawberry.field(description="The version that plays.")
    def current_version(self) -> Version | None:
        return Version.of(self.record.track.current)

    @strawberry.field(description="Its words; null when there are none.")
    def lyrics(self) -> Lyrics | None:
        return None if self.record.track.lyrics is None else Lyrics.of(self.record.track.lyrics)

    @strawberry.field(description="How often it was played: listens of 30 seconds or more, or of half a shorter track.")
    async def play_count(self, info: Info) -> int:
        return await info.context.loader(PlayCountLoader).load(self.record.track.id)

    @strawberry.field(
        description="The same for each of the last days (UTC), the oldest first, today included; none for others than "
        "its owner."
    )
    async def plays_by_day(
        self,
        info: Info,
        days: Annotated[int, strawberry.argument(description="How many days, 1 to 90.")] = 30,
    ) -> list[DayPlays]:
        if not 1 <= days <= MOST_DAYS:
            raise ValidationFailed([Issue("days", f"'days' must be between 1 and {MOST_DAYS}.")])
        if not self.is_mine:
            return []
        found = await info.context.loader(DayPlaysLoader).load(TrackDays(self.record.track.id, days))
        return [DayPlays(day=day, play_count=plays) for day, plays in found]

    @strawberry.field(
        description="Your other tracks with the same sound or the same file, the likest first, 20 at most. Each new "
        "recording is compared once; nothing is refused for it."
    )
    async def duplicates(self, info: Info) -> list["DuplicateTrack"]:
        found = await info.context.loader(DuplicatesLoader).load(self.record.track.id)
        others = await info.context.loader(TrackLoader).load_many([duplicate.track_id for duplicate in found])
        shown = zip(found, others, strict=True)
        return [DuplicateTrack.of(duplicate, other) for duplicate, other in shown if other is not None]

    @strawberry.field(description="How many people like it. Likes of others are counted within seconds, yours at once.")
    async def like_count(self, info: Info) -> int:
        return (await info.context.loader(LikesLoader).load(self.record.track.id)).count

    @strawberry.field(description="Whether you like it.")
    async def viewer_has_liked(self, info: Info) -> bool:
        return (await info.context.loader(LikesLoader).load(self.record.track.id)).has_liked

    @strawberry.field(description="All versions, newest first; for others than its owner only the one that plays.")
    async def versions(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = DEFAULT_PAGE,
        after: Annotated[str | None, strawberry.argument(description="A cursor to go on behind.")] = None,
    ) -> Connection[Version]:
        request = page_request(first, after)
        if not self.is_mine:
            heard = [] if request.after else [self.record.track.current]
            return connection(Page(heard, False), request, Version.of, _version_position)
        page = await info.context.loader(VersionPageLoader).load(TrackPage(self.record.track.id, request))
        return connection(page, request, Version.of, _version_position)


@strawberry.type(description="Another track of yours with the same sound.")
class DuplicateTrack:
    track: Track = strawberry.field(description="The other track.")
    is_same_file: bool = strawberry.field(description="Whether both were brought as the same bytes.")
    similarity: float = strawberry.field(description="1 for the same sound, 0.6 for the least that counts.")
    offset_seconds: float = strawberry.field(
        description="Where in the other track this one begins, in seconds; negative when it begins earlier."
    )
    overlap_seconds: float = strawberry.field(description="For how many seconds both go along.")

    @classmethod
    def of(cls, duplicate: Duplicate, other: SeenTrack) -> Self:
        return cls(
            track=Track.seen(other),
            is_same_file=duplicate.is_same_file,
            similarity=duplicate.fit.similarity,
            offset_seconds=duplicate.fit.offset_seconds,
            overlap_seconds=duplicate.fit.overlap_seconds,
        )


def _version_position(version: VersionFacts) -> str:
    return version.id
