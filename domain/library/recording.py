"""A finished recording as its job keeps it between attempts, and what comes of it in the library. Pure."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from domain.kit.audio.media import AudioAnalysis
from domain.kit.audio.sound import Structure
from domain.library.lyrics import Lyrics
from domain.library.measured import to_analysis, to_structure
from domain.library.model import Analysis, Asset, AssetKind, Track, Version, Visibility


@dataclass(frozen=True)
class Recording:
    """The stored files of a finished recording, what was measured on it, and where its objects lie.

    `structure` is None, and `fingerprint` empty, for one that was kept before they were measured. `notes` is the text
    of the packed notes, and None for one that nobody listened to for notes. `lyrics` came with it.
    """

    prefix: str
    duration_seconds: float
    analysis: Analysis
    structure: Structure | None
    fingerprint: str
    assets: Sequence[Asset]
    notes: str | None = None
    lyrics: Lyrics | None = None

    @classmethod
    def of(cls, prefix: str, measured: AudioAnalysis, assets: Sequence[Asset], notes: str | None = None) -> "Recording":
        apart = ("duration_seconds", "structure", "fingerprint")
        analysis = {name: value for name, value in vars(measured).items() if name not in apart}
        return cls(
            prefix=prefix,
            duration_seconds=measured.duration_seconds,
            analysis=Analysis(**analysis),
            structure=measured.structure,
            fingerprint=measured.fingerprint,
            assets=assets,
            notes=notes,
        )

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Recording":
        fields = json.loads(text)
        assets = [Asset(**{**asset, "kind": AssetKind(asset["kind"])}) for asset in fields.pop("assets")]
        analysis = to_analysis(fields.pop("analysis"))
        structure, fingerprint = fields.pop("structure", None), fields.pop("fingerprint", "")
        lyrics = fields.pop("lyrics", None)
        return cls(
            **fields,
            analysis=analysis,
            structure=None if structure is None else to_structure(structure),
            fingerprint=fingerprint,
            assets=assets,
            lyrics=None if lyrics is None else Lyrics(**lyrics),
        )


@dataclass(frozen=True)
class NewTrack:
    """What a job brings into the library: a track, and the version that it begins with."""

    track: Track
    version: Version

    @property
    def owner_id(self) -> str:
        return self.track.owner_id


@dataclass(frozen=True)
class NewVersion:
    """What a job brings into the library: one more version of a track that is there."""

    owner_id: str
    version: Version
    becomes_current: bool
    may_publish: bool = False

    def plays_in(self, track: Track) -> bool:
        """Whether it becomes the current one, now that it is whole."""
        return self.becomes_current and (self.may_publish or track.sharing.visibility is not Visibility.PUBLIC)
