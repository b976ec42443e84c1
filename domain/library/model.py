"""A track, its versions and the files of a version. Pure data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AssetKind(StrEnum):
    """The files that belong to a version."""

    MASTER = "MASTER"
    DOWNLOAD = "DOWNLOAD"
    WAVEFORM = "WAVEFORM"
    COVER = "COVER"
    PICTURE = "PICTURE"
    SCORE = "SCORE"
    MIDI = "MIDI"
    STEM = "STEM"


@dataclass(frozen=True)
class Asset:
    """One stored object: its key, the SHA-256 of its bytes in hex, its size in bytes, and a label for stems."""

    kind: AssetKind
    key: str
    sha256: str
    size_bytes: int
    content_type: str
    label: str | None = None


@dataclass(frozen=True)
class Analysis:
    """What was measured on the audio itself: LUFS (ITU-R BS.1770), LU, dBTP (4x oversampled), BPM."""

    loudness_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float
    tempo_bpm: float
    tempo_confidence: float
    key: str
    key_confidence: float


@dataclass(frozen=True)
class Origin:
    """What made a version, enough to make it again."""

    job_id: str
    model_id: str
    model_version: str
    seed: int


@dataclass(frozen=True)
class VersionFacts:
    """What there is to know of a version without its files. `bpm`, `key` and `meter` are as composed, `analysis` as
    measured.
    """

    id: str
    track_id: str
    created_at: datetime
    duration_seconds: float
    bpm: float
    key: str
    meter: str
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
class Track:
    """`current` are the facts of its current version, which are kept with it: a list needs no second query."""

    id: str
    owner_id: str
    title: str
    artist: str
    genre: str
    created_at: datetime
    current: VersionFacts

    @property
    def current_version_id(self) -> str:
        return self.current.id
