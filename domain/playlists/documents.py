"""How playlists and their entries lie in MongoDB."""

from datetime import datetime
from typing import Any, ClassVar

import pymongo
from beanie import Document
from pydantic import BaseModel, Field
from pymongo import IndexModel

from domain.library.model import Visibility


class LinkPart(BaseModel):
    hash: str
    sealed: str


class PlaylistDocument(Document):
    """`people` are all who edit it: the owner and the collaborators."""

    id: str
    owner_id: str
    title: str
    description: str
    created_at: datetime
    changed_at: datetime
    visibility: Visibility
    link: LinkPart | None = None
    invitation: LinkPart | None = None
    collaborators: list[str] = Field(default_factory=list)
    people: list[str]
    entry_count: int
    revision: int
    smart: dict[str, Any] | None = None

    class Settings:
        name = "playlists"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("people", pymongo.ASCENDING), ("_id", pymongo.DESCENDING)]),
            IndexModel([("owner_id", pymongo.ASCENDING)]),
            IndexModel(
                [("link.hash", pymongo.ASCENDING)],
                unique=True,
                partialFilterExpression={"link.hash": {"$type": "string"}},
            ),
            IndexModel(
                [("invitation.hash", pymongo.ASCENDING)],
                unique=True,
                partialFilterExpression={"invitation.hash": {"$type": "string"}},
            ),
        ]


class EntryDocument(Document):
    """No two entries of a playlist have one rank, so between any two there is room."""

    id: str
    playlist_id: str
    rank: str
    track_id: str
    added_by: str
    added_at: datetime

    class Settings:
        name = "playlist_entries"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("playlist_id", pymongo.ASCENDING), ("rank", pymongo.ASCENDING)], unique=True),
            IndexModel([("track_id", pymongo.ASCENDING)]),
            IndexModel([("added_by", pymongo.ASCENDING)]),
        ]
