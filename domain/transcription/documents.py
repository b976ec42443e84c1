"""How the notes of versions lie in MongoDB."""

from typing import Any, ClassVar

import pymongo
from beanie import Document
from pymongo import IndexModel


class TranscriptionDocument(Document):
    """The notes of the version whose id it has, 10 bytes each, in one piece: 200 kB for the longest upload."""

    id: str
    track_id: str
    owner_id: str
    note_count: int
    lowest_pitch: int | None
    highest_pitch: int | None
    notes: bytes

    class Settings:
        name = "transcriptions"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("owner_id", pymongo.ASCENDING), ("track_id", pymongo.ASCENDING)], name="by_owner"),
            IndexModel([("track_id", pymongo.ASCENDING)], name="by_track"),
        ]
