"""How uploads lie in MongoDB."""

from datetime import datetime
from typing import Any, ClassVar

import pymongo
from beanie import Document
from pydantic import BaseModel
from pymongo import IndexModel

from domain.uploads.model import LyricsUse, UploadStatus


class TagsPart(BaseModel):
    title: str = ""
    artist: str = ""
    album: str = ""
    genre: str = ""
    date: str = ""


class LyricsNotePart(BaseModel):
    use: LyricsUse
    left_out: str = ""


class DescentPart(BaseModel):
    parent_id: str
    becomes_current: bool
    may_publish: bool = False


class CoverUploadDocument(Document):
    """A picture on its way to becoming a cover. It goes when its address is dead, whatever became of it."""

    id: str
    owner_id: str
    track_id: str
    size_bytes: int
    created_at: datetime
    expires_at: datetime

    class Settings:
        name = "cover_uploads"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("owner_id", pymongo.ASCENDING)]),
            IndexModel([("expires_at", pymongo.ASCENDING)]),
        ]


class UploadDocument(Document):
    """One file that somebody brings. `is_swept` once nothing of its own lies in storage and no address is left."""

    id: str
    owner_id: str
    artist: str
    file_name: str
    size_bytes: int
    content_type: str
    gathering: str | None = None
    max_seconds: float
    status: UploadStatus
    created_at: datetime
    expires_at: datetime
    track_id: str
    version_id: str
    job_id: str | None = None
    title: str | None = None
    descent: DescentPart | None = None
    tags: TagsPart | None = None
    lyrics: LyricsNotePart | None = None
    is_swept: bool = False

    class Settings:
        name = "uploads"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("owner_id", pymongo.ASCENDING), ("status", pymongo.ASCENDING)]),
            IndexModel(
                [("job_id", pymongo.ASCENDING)], unique=True, partialFilterExpression={"job_id": {"$type": "string"}}
            ),
            IndexModel(
                [("expires_at", pymongo.ASCENDING)], partialFilterExpression={"is_swept": False}, name="to_be_swept"
            ),
        ]
