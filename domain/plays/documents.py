"""How plays lie in MongoDB."""

from datetime import datetime
from typing import Any, ClassVar

import pymongo
from beanie import Document
from pymongo import IndexModel


class PlayDocument(Document):
    """Its id is the listen's, so no listen is two plays. Without a listener it stands in nobody's history.

    The owner is the track's, and None once that person is gone.
    """

    id: str
    track_id: str
    owner_id: str | None
    version_id: str | None = None
    listener_id: str | None = None
    began_at: datetime
    heard_seconds: float
    is_counted: bool

    class Settings:
        name = "plays"
        indexes: ClassVar[list[Any]] = [
            IndexModel(
                [("listener_id", pymongo.ASCENDING), ("_id", pymongo.DESCENDING)],
                partialFilterExpression={"listener_id": {"$type": "string"}},
            ),
            # holds all that is asked of how often and when somebody has played what, so that no play is read for it
            IndexModel(
                [(name, pymongo.ASCENDING) for name in ("listener_id", "owner_id", "track_id", "began_at")],
                partialFilterExpression={"listener_id": {"$type": "string"}},
                name="played_tracks",
            ),
            IndexModel([("owner_id", pymongo.ASCENDING)]),
            IndexModel([("track_id", pymongo.ASCENDING)]),
        ]


class PlayCountDocument(Document):
    """How many plays of a track counted; its id is the track's. Changed with the plays, in one transaction."""

    id: str
    owner_id: str
    plays: int

    class Settings:
        name = "play_counts"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("owner_id", pymongo.ASCENDING), ("plays", pymongo.DESCENDING), ("_id", pymongo.DESCENDING)])
        ]
        retired_indexes: ClassVar[list[str]] = ["owner_id_1"]


class DayPlaysDocument(Document):
    """The same for one day (UTC): its id is the track's and the day's."""

    id: str
    owner_id: str
    track_id: str
    day: str
    plays: int

    class Settings:
        name = "day_plays"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("owner_id", pymongo.ASCENDING)]),
            IndexModel([("track_id", pymongo.ASCENDING), ("day", pymongo.ASCENDING)]),
        ]
