"""Tracks and versions as they lie in MongoDB, and back again."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, TypeVar

from domain.kit.trust.secret_links import SecretLink
from domain.library.documents import TrackDocument
from domain.library.facets import facets_of
from domain.library.lyrics import Lyrics
from domain.library.measured import to_analysis
from domain.library.model import (
    FIRST_REVISION,
    UNSHARED,
    Asset,
    AssetKind,
    Origin,
    Sharing,
    TakeDown,
    Track,
    Version,
    VersionFacts,
    VersionKind,
    Visibility,
)
from domain.library.terms import Terms

# Lists are read far more often than anything is written. What the documents have checked when it was written is not
# checked again: that was most of what a list cost.
Raw = Mapping[str, Any]
KINDS: Mapping[str, VersionKind] = {kind.value: kind for kind in VersionKind}

T = TypeVar("T")


def to_track(raw: Raw) -> Track:
    """What a track from before there was such a thing lacks is as if nobody had changed it."""
    return _built(
        Track,
        id=raw["_id"],
        owner_id=raw["owner_id"],
        title=raw["title"],
        artist=raw["artist"],
        genre=raw["genre"],
        created_at=raw["created_at"],
        current=_built(VersionFacts, **_facts(raw["current"], raw["current"]["id"], raw["_id"])),
        description=raw.get("description", ""),
        tags=tuple(raw.get("tags", ())),
        lyrics=None if raw.get("lyrics") is None else Lyrics(**raw["lyrics"]),
        own_cover=None if raw.get("own_cover") is None else _asset(raw["own_cover"]),
        revision=raw.get("revision", FIRST_REVISION),
        changed_at=raw.get("updated_at"),
        version_count=raw.get("version_count", 1),
        sharing=to_sharing(raw.get("sharing")),
    )


def to_version(raw: Raw) -> Version:
    assets = tuple(_asset(part) for part in raw["assets"])
    return _built(Version, **_facts(raw, raw["_id"], raw["track_id"]), assets=assets)


def _asset(raw: Raw) -> Asset:
    return Asset(**{**raw, "kind": AssetKind(raw["kind"])})


def _facts(raw: Raw, version_id: str, track_id: str) -> dict[str, Any]:
    return {
        "id": version_id,
        "track_id": track_id,
        "created_at": raw["created_at"],
        "duration_seconds": raw["duration_seconds"],
        "bpm": raw["bpm"],
        "key": raw["key"],
        "meter": raw["meter"],
        "origin": _origin(raw["origin"]),
        "analysis": to_analysis(raw["analysis"]),
    }


def _origin(raw: Raw) -> Origin:
    """One that does not say its kind is from before there was another."""
    terms = tuple(Terms(**part) for part in raw.get("terms", ()))
    return _built(Origin, **{**raw, "kind": KINDS[raw.get("kind", VersionKind.GENERATED)], "terms": terms})


def _built(kind: type[T], /, **fields: Any) -> T:
    """All fields at once: a frozen dataclass sets one after the other by a call, most of what building a list took."""
    built = kind.__new__(kind)
    vars(built).update(fields)
    return built


def to_sharing(raw: Raw | None) -> Sharing:
    if raw is None:
        return UNSHARED
    link, taken_down = raw.get("link"), raw.get("taken_down")
    return Sharing(
        visibility=Visibility(raw["visibility"]),
        published_at=raw["published_at"],
        allows_downloads=raw["allows_downloads"],
        link=None if link is None else SecretLink(**link),
        taken_down=None if taken_down is None else TakeDown(**taken_down),
    )


def track_record(track: Track) -> TrackDocument:
    """All that is kept of a track."""
    made: TrackDocument = TrackDocument.model_validate(
        {
            **asdict(track),
            "current_version_id": track.current_version_id,
            "updated_at": track.updated_at,
            "facets": facets_record(track),
        }
    )
    return made


def facets_record(track: Track) -> dict[str, Any]:
    return asdict(facets_of(track))
