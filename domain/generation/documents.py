"""How generations lie in MongoDB."""

from datetime import datetime
from typing import Any, ClassVar

import pymongo
from beanie import Document
from pymongo import IndexModel


class GenerationDocument(Document):
    """The request of one job, under the job's id."""

    id: str
    owner_id: str
    track_id: str
    version_id: str
    artist: str
    seed: int
    request: dict[str, Any]
    brief: dict[str, Any] | None = None
    title: str | None = None
    card: dict[str, Any] | None = None
    created_at: datetime

    class Settings:
        name = "generations"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("owner_id", pymongo.ASCENDING), ("_id", pymongo.ASCENDING)]),
        ]
        # several songs may be versions of one track
        retired_indexes: ClassVar[list[str]] = ["track_id_1"]
