"""A track, its versions and the files of a version. Pure data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.kit.audio.sound import Character
from domain.kit.trust.secret_links import SecretLink
from domain.library.lyrics import Lyrics
from domain.library.terms import Terms

# A track that nobody has changed.
FIRST_REVISION = 1


class AssetKind(StrEnum):
    """The files that belong to a version."""

    MASTER = "MASTER"
    DOWNLOAD = "DOWNLOAD"
    WAVEFORM = "WAVEFORM"
    COVER = "COVER"
    PICTURE = "PICTURE"
    SCORE = "SCORE"
    MIDI = "MIDI"
    CHORDS = "CHORDS"
    STEM = "STEM"
    ORIGINAL = "ORIGINAL"


class VersionKind(StrEnum):
    """How a version came about."""

    GENERATED = "GENERATED"
    EXTENDED = "EXTENDED"
    REPAINTED = "REPAINTED"
    LAYERED = "LAYERED"
    VARIED = "VARIED"
    UPLOADED = "UPLOADED"

    @property
    def plainly(self) -> "VersionKind":
        """Without how it was made here."""
        return self if self is VersionKind.UPLOADED else VersionKind.GENERATED


class Visibility(StrEnum):
    """Who besides its owner may listen to a track: nobody, whoever has its link, or everybody."""

    PRIVATE = "PRIVATE"
    UNLISTED = "UNLISTED"
    PUBLIC = "PUBLIC"


@dataclass(frozen=True)
class Asset:
    """One stored object: its key, the SHA-256 of its bytes in hex, and its size in bytes.

    `label` is a stem's name, or how many samples a pixel of a waveform stands for when that is not 1,024.
    """

    kind: AssetKind
    key: str
    sha256: str
    size_bytes: int
    content_type: str
    label: str | None = None


@dataclass(frozen=True)
class Analysis:
    """What was measured on the audio itself: LUFS (ITU-R BS.1770), LU, dBTP (4x oversampled), BPM.

    `character` is None for what was made before it was measured.
    """

    loudness_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float
    tempo_bpm: float
    tempo_confidence: float
    key: str
    key_confidence: float
    character: Character | None = None


@dataclass(frozen=True)
class Origin:
    """What made a version; of a generated one, enough to make it again. `parent_id` is the version it was made of.

    `terms` are those of all added models whose sound is in it, also of versions before it; our own models have none.

    In what listeners see, all but the kind and the terms, which bind them too, is empty.
    """

    job_id: str
    kind: VersionKind = VersionKind.GENERATED
    model_id: str | None = None
    model_version: str | None = None
    seed: int | None = None
    parent_id: str | None = None
    terms: tuple[Terms, ...] = ()


@dataclass(frozen=True)
class VersionFacts:
    """What there is to know of a version without its files.

    `analysis` is as measured; `bpm`, `key` and `meter` are as composed, if it was.
    """

    id: str
    track_id: str
    created_at: datetime
    duration_seconds: float
    bpm: float | None
    key: str | None
    meter: str | None
    origin: Origin
    analysis: Analysis


@dataclass(frozen=True)
class Version(VersionFacts):
    """One immutable recording of a track."""

    assets: tuple[Asset, ...]

    def asset(self, kind: AssetKind) -> Asset | None:
        """The first file of this kind."""
        return next((asset for asset in self.assets if asset.kind is kind), None)

    def stems(self) -> Mapping[str, Asset]:
        """The stems by their label."""
        return {asset.label or "": asset for asset in self.assets if asset.kind is AssetKind.STEM}


@dataclass(frozen=True)
class Shelf:
    """All tracks of one artist or one genre: the name, how many there are, and which came last."""

    name: str
    tracks: int
    latest_id: str


@dataclass(frozen=True)
class Descent:
    """The version of a track that another is to be made of, and whether the track is to play that one once it is whole.

    The new one joins the track; nothing of the version before it changes. Without `may_publish` it does not become the
    current one of a track that is public by then.
    """

    parent_id: str
    becomes_current: bool = False
    may_publish: bool = False


@dataclass(frozen=True)
class TakeDown:
    """A moderator's decision that nobody but its owner may listen to a track.

    `with_track_id` is the track that it was made about, when that is another one with the same sound.
    """

    at: datetime
    reason: str
    with_track_id: str | None = None


@dataclass(frozen=True)
class Sharing:
    """Who may listen to a track. `published_at` is set while it is public, and `link` since it was unlisted.

    What was taken down stays as visible as its owner made it, and is seen by nobody else until that is lifted.
    """

    visibility: Visibility = Visibility.PRIVATE
    published_at: datetime | None = None
    allows_downloads: bool = False
    link: SecretLink | None = None
    taken_down: TakeDown | None = None


UNSHARED = Sharing()


@dataclass(frozen=True)
class Track:
    """`current` are the facts of its current version, which are kept with it: a list needs no second query.

    `own_cover` is one that its owner has brought, in place of that of every version. `revision` grows by one with every
    change. `tags` are the person's own labels, as they wrote them.
    """

    id: str
    owner_id: str
    title: str
    artist: str
    genre: str
    created_at: datetime
    current: VersionFacts
    description: str = ""
    tags: tuple[str, ...] = ()
    lyrics: Lyrics | None = None
    own_cover: Asset | None = None
    revision: int = FIRST_REVISION
    changed_at: datetime | None = None
    version_count: int = 1
    sharing: Sharing = UNSHARED

    @property
    def updated_at(self) -> datetime:
        """When it was last changed; when it was made, if never."""
        return self.changed_at or self.created_at

    def files_of(self, version: Version) -> tuple[Asset, ...]:
        """A version's files as its owner wants them shown."""
        own = self.own_cover
        if own is None:
            return version.assets
        return (own, *(asset for asset in version.assets if asset.kind is not AssetKind.COVER))

    @property
    def has_own_cover(self) -> bool:
        """Whether its owner has brought one."""
        return self.own_cover is not None

    @property
    def current_version_id(self) -> str:
        return self.current.id
