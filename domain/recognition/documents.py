"""How recordings and likenesses lie in MongoDB."""

from datetime import datetime
from typing import Any, ClassVar

import pymongo
from beanie import Document
from pymongo import IndexModel


def _by(*fields: str) -> list[tuple[str, int]]:
    return [(field, pymongo.ASCENDING) for field in fields]


class RecordingDocument(Document):
    """A version by its sound and its bytes. The index over the keys is what finds the like."""

    id: str
    track_id: str
    owner_id: str
    duration_seconds: float
    fingerprint: str
    keys: list[int]
    original_sha256: str | None = None

    class Settings:
        name = "recordings"
        indexes: ClassVar[list[Any]] = [
            IndexModel(_by("keys", "owner_id"), name="keys"),
            IndexModel(_by("owner_id", "track_id"), name="by_owner"),
            IndexModel(_by("track_id"), name="by_track"),
            IndexModel(
                _by("original_sha256", "owner_id"),
                partialFilterExpression={"original_sha256": {"$type": "string"}},
                name="by_file",
            ),
        ]


class LikenessDocument(Document):
    """Two recordings that are the same. Those of two owners are for moderation, and shown to neither."""

    id: str
    version_id: str
    track_id: str
    owner_id: str
    other_version_id: str
    other_track_id: str
    other_owner_id: str
    is_same_file: bool
    similarity: float
    offset_seconds: float
    overlap_seconds: float
    found_at: datetime

    class Settings:
        name = "likenesses"
        indexes: ClassVar[list[Any]] = [
            IndexModel(_by("track_id", "owner_id"), name="newer"),
            IndexModel(_by("other_track_id", "other_owner_id"), name="older"),
            IndexModel(_by("owner_id"), name="owner"),
            IndexModel(_by("other_owner_id"), name="other_owner"),
        ]


class TurnDocument(Document):
    """How many recordings of an owner were compared: a row to wait at, so that two at once learn of each other."""

    id: str
    compared: int

    class Settings:
        name = "recognition_turns"
