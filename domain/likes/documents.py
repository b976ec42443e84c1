"""How likes lie in MongoDB."""

from datetime import datetime
from typing import Any, ClassVar

import pymongo
from beanie import Document
from pymongo import IndexModel


class LikeDocument(Document):
    """One for each person and track, by both ids, so that nobody likes a track twice.

    `is_counted` says whether the track's count has it. It is pending while that is not what `is_liked` says. `place` is
    an id of its own that ascends with the time of the like, and sorts the person's list.
    """

    id: str
    place: str
    account_id: str
    track_id: str
    track_owner_id: str
    liked_at: datetime
    is_liked: bool
    is_counted: bool
    is_pending: bool

    class Settings:
        name = "likes"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("account_id", pymongo.ASCENDING), ("place", pymongo.DESCENDING)]),
            IndexModel(
                [(name, pymongo.ASCENDING) for name in ("account_id", "track_owner_id", "is_liked", "track_id")],
                name="liked_tracks",
            ),
            IndexModel([("track_id", pymongo.ASCENDING)]),
            IndexModel([("track_owner_id", pymongo.ASCENDING)]),
            IndexModel([("is_pending", pymongo.ASCENDING)], partialFilterExpression={"is_pending": True}),
        ]


class LikeCountDocument(Document):
    """How many likes of a track are counted; its id is the track's. Changed with `is_counted`, in one transaction."""

    id: str
    track_owner_id: str
    likes: int

    class Settings:
        name = "like_counts"
        indexes: ClassVar[list[Any]] = [IndexModel([("track_owner_id", pymongo.ASCENDING)])]
