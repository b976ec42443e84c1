"""How tracks and versions lie in MongoDB."""

from datetime import datetime
from typing import Any, ClassVar

import pymongo
from beanie import Document
from pydantic import BaseModel, Field
from pymongo import IndexModel

from domain.library.model import FIRST_REVISION, AssetKind, VersionKind, Visibility


class AssetPart(BaseModel):
    kind: AssetKind
    key: str
    sha256: str
    size_bytes: int
    content_type: str
    label: str | None = None


class EstimatePart(BaseModel):
    value: float
    confidence: float


class CharacterPart(BaseModel):
    energy: EstimatePart
    danceability: EstimatePart
    acousticness: EstimatePart
    valence: EstimatePart


class AnalysisPart(BaseModel):
    loudness_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float
    tempo_bpm: float
    tempo_confidence: float
    key: str
    key_confidence: float
    character: CharacterPart | None = None


class TermsPart(BaseModel):
    licence: str
    commercial_use: bool | None


class OriginPart(BaseModel):
    job_id: str
    kind: VersionKind = VersionKind.GENERATED
    model_id: str | None = None
    model_version: str | None = None
    seed: int | None = None
    parent_id: str | None = None
    terms: list[TermsPart] = []


class CurrentPart(BaseModel):
    """What a list of tracks tells of their current versions; versions never change, so it is never out of date."""

    id: str
    created_at: datetime
    duration_seconds: float
    bpm: float | None
    key: str | None
    meter: str | None
    origin: OriginPart
    analysis: AnalysisPart


class LyricsPart(BaseModel):
    source: str
    is_synchronised: bool
    language: str | None = None


class FacetsPart(BaseModel):
    """What lists are filtered, sorted and searched by. It is made of the rest, and can be made of it again."""

    format: int
    title: str
    artist: str
    genre: str
    tags: list[str]
    words: list[str]
    kind: VersionKind
    bpm: float | None
    key: str
    lot: int


class LinkPart(BaseModel):
    hash: str
    sealed: str


class TakeDownPart(BaseModel):
    at: datetime
    reason: str
    with_track_id: str | None = None


class SharingPart(BaseModel):
    visibility: Visibility = Visibility.PRIVATE
    published_at: datetime | None = None
    allows_downloads: bool = False
    link: LinkPart | None = None
    taken_down: TakeDownPart | None = None


class LastSharedPart(BaseModel):
    """What listeners last saw of a track that is not open to them any more, for moderators."""

    title: str
    artist: str
    genre: str
    description: str = ""
    tags: list[str] = Field(default_factory=list)
    lyrics: LyricsPart | None = None
    own_cover: AssetPart | None = None
    current_version_id: str
    current: CurrentPart


PUBLIC = {"sharing.visibility": Visibility.PUBLIC.value}
# What readers of tracks do not need.
UNREAD = {"facets": False, "last_shared": False}


def _by(*fields: str) -> list[tuple[str, int]]:
    return [(field, pymongo.ASCENDING) for field in fields]


class TrackDocument(Document):
    """Whatever makes a version current writes `current_version_id` and `current` together.

    It is in the trash since `trashed_at`; once it is doomed nobody sees it any more, and it is on its way out for good.
    """

    id: str
    owner_id: str
    title: str
    artist: str
    genre: str
    created_at: datetime
    current_version_id: str
    current: CurrentPart
    description: str = ""
    tags: list[str] = Field(default_factory=list)
    lyrics: LyricsPart | None = None
    own_cover: AssetPart | None = None
    revision: int = FIRST_REVISION
    version_count: int = 1
    updated_at: datetime
    branched_at: datetime | None = None
    facets: FacetsPart
    sharing: SharingPart = Field(default_factory=SharingPart)
    last_shared: LastSharedPart | None = None
    trashed_at: datetime | None = None
    doomed_at: datetime | None = None

    class Settings:
        name = "tracks"
        indexes: ClassVar[list[Any]] = [
            # one for each order; they are read in both directions
            IndexModel(_by("owner_id", "trashed_at", "created_at", "_id"), name="by_created_at"),
            IndexModel(_by("owner_id", "trashed_at", "updated_at", "_id"), name="by_updated_at"),
            IndexModel(_by("owner_id", "trashed_at", "facets.title", "_id"), name="by_title"),
            IndexModel(_by("owner_id", "trashed_at", "current.duration_seconds", "_id"), name="by_duration"),
            # holds all that is counted of artists and genres, so that no track is read for it
            IndexModel(_by("owner_id", "artist", "genre", "trashed_at", "_id"), name="by_artist"),
            # an artist's newest, of whom there may be one only in the whole library
            IndexModel(_by("owner_id", "artist", "trashed_at", "created_at", "_id"), name="artist_by_age"),
            # holds all that a draw asks for, for the same reason
            IndexModel(_by("owner_id", "facets.lot", "facets.genre", "created_at", "trashed_at", "_id"), name="by_lot"),
            # those with a word come by their age, so the newest of them are read first
            IndexModel(_by("owner_id", "facets.words", "created_at"), name="words_by_age"),
            # and by their titles
            IndexModel(_by("owner_id", "facets.words", "facets.title"), name="words_by_title"),
            IndexModel(_by("owner_id", "facets.tags"), name="tags"),
            IndexModel(_by("owner_id", "facets.artist"), name="artist"),
            IndexModel(_by("owner_id", "facets.genre"), name="genre"),
            IndexModel(_by("owner_id", "facets.bpm"), name="tempo"),
            IndexModel(_by("owner_id", "facets.key"), name="key"),
            *(
                IndexModel(_by("owner_id", f"current.analysis.character.{name}.value"), name=name)
                for name in ("energy", "danceability", "acousticness", "valence")
            ),
            IndexModel(_by("facets.format"), name="format_of_facets"),
            IndexModel(
                _by("owner_id", "trashed_at", "_id"),
                partialFilterExpression={"trashed_at": {"$type": "date"}},
                name="trash_of_owner",
            ),
            IndexModel(
                _by("trashed_at"), partialFilterExpression={"trashed_at": {"$type": "date"}}, name="trash_by_age"
            ),
            IndexModel(_by("doomed_at"), partialFilterExpression={"doomed_at": {"$type": "date"}}, name="doomed"),
            IndexModel(
                _by("owner_id", "sharing.published_at", "_id"), partialFilterExpression=PUBLIC, name="published"
            ),
            IndexModel(_by("current_version_id"), partialFilterExpression=PUBLIC, name="published_versions"),
            IndexModel(
                _by("sharing.link.hash"),
                unique=True,
                partialFilterExpression={"sharing.link.hash": {"$type": "string"}},
                name="links",
            ),
            IndexModel(
                _by("sharing.taken_down.with_track_id"),
                partialFilterExpression={"sharing.taken_down.with_track_id": {"$type": "string"}},
                name="taken_down_with",
            ),
        ]
        # it did not say how old the tracks with a word are
        retired_indexes: ClassVar[list[str]] = ["words"]


class VersionDocument(Document):
    """A version carries its owner and whether its track is in the trash, so that reading one needs no join."""

    id: str
    track_id: str
    owner_id: str
    created_at: datetime
    duration_seconds: float
    bpm: float | None = None
    key: str | None = None
    meter: str | None = None
    origin: OriginPart
    analysis: AnalysisPart
    assets: list[AssetPart]
    is_trashed: bool = False

    class Settings:
        name = "versions"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("track_id", pymongo.ASCENDING), ("_id", pymongo.DESCENDING)]),
            IndexModel([("origin.job_id", pymongo.ASCENDING), ("track_id", pymongo.ASCENDING)], unique=True),
            IndexModel([("assets.key", pymongo.ASCENDING)]),
        ]
        # a branch says the same job of its first version
        retired_indexes: ClassVar[list[str]] = ["origin.job_id_1"]


class GridPart(BaseModel):
    beats: list[float]
    confidence: float
    beats_per_bar: int
    downbeats: list[float]
    downbeat_confidence: float


class SectionPart(BaseModel):
    start_seconds: float
    end_seconds: float
    confidence: float


class StructureDocument(Document):
    """How a version, whose id it has, is laid out in time. It lies apart because lists of versions do not show it."""

    id: str
    track_id: str
    owner_id: str
    grid: GridPart
    sections: list[SectionPart]

    class Settings:
        name = "structures"
        indexes: ClassVar[list[Any]] = [IndexModel(_by("owner_id", "track_id"))]
