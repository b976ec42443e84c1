"""A finished recording as its job keeps it between attempts, and what comes of it in the library. Pure."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from domain.kit.media import AudioAnalysis
from domain.library.model import Analysis, Asset, AssetKind, Track, Version


@dataclass(frozen=True)
class Recording:
    """The stored files of a finished recording, what was measured on it, and where its objects lie."""

    prefix: str
    duration_seconds: float
    analysis: Analysis
    assets: Sequence[Asset]

    @classmethod
    def of(cls, prefix: str, measured: AudioAnalysis, assets: Sequence[Asset]) -> "Recording":
        fields = asdict(measured)
        duration = fields.pop("duration_seconds")
        return cls(prefix, duration, Analysis(**fields), assets)

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Recording":
        fields = json.loads(text)
        assets = [Asset(**{**asset, "kind": AssetKind(asset["kind"])}) for asset in fields.pop("assets")]
        return cls(**{**fields, "analysis": Analysis(**fields["analysis"]), "assets": assets})


@dataclass(frozen=True)
class NewTrack:
    """What a job brings into the library: a track, and the version that it begins with."""

    track: Track
    version: Version


@dataclass(frozen=True)
class NewVersion:
    """What a job brings into the library: one more version of a track that is there."""

    owner_id: str
    version: Version
    becomes_current: bool
