"""How renditions lie in MongoDB."""

from datetime import datetime
from typing import Any, ClassVar

import pymongo
from beanie import Document
from pydantic import BaseModel, Field
from pymongo import IndexModel


class VariantPart(BaseModel):
    name: str
    bandwidth: int


class SegmentPart(BaseModel):
    name: str
    duration_seconds: float
    sizes: list[int] = Field(default_factory=list)
    holds_all: bool = False


class RenditionDocument(Document):
    """One per version, with its id. `attempt` fences off the segments of an earlier attempt.

    A doomed one is about to be removed: nobody sees it, and nobody may take it up. Nor is one seen whose track is in
    the trash. One from before there was a ladder has a `bandwidth` and no variants; one from before a track had several
    versions has the id of its track, and no `track_id` until the janitor comes by.
    """

    id: str
    track_id: str
    owner_id: str
    job_id: str
    attempt: int
    prefix: str
    bandwidth: int = 0
    variants: list[VariantPart] = Field(default_factory=list)
    segments: list[SegmentPart] = Field(default_factory=list)
    is_complete: bool = False
    is_doomed: bool = False
    is_trashed: bool = False
    created_at: datetime

    class Settings:
        name = "renditions"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("job_id", pymongo.ASCENDING)]),
            IndexModel([("track_id", pymongo.ASCENDING)]),
            IndexModel([("prefix", pymongo.ASCENDING)]),
            IndexModel([("owner_id", pymongo.ASCENDING)]),
            IndexModel(
                [("is_complete", pymongo.ASCENDING), ("_id", pymongo.ASCENDING)],
                partialFilterExpression={"is_complete": False},
                name="unfinished_by_id",
            ),
        ]
