"""How bulk edits lie in MongoDB."""

from datetime import datetime
from typing import Any, ClassVar

import pymongo
from beanie import Document
from pydantic import BaseModel, Field
from pymongo import IndexModel

from domain.bulk.model import BulkAction
from domain.kit.caller import Credential, Scope
from domain.library.model import Visibility


class ChangePart(BaseModel):
    action: BulkAction
    tags: list[str] | None = None
    genre: str | None = None
    artist: str | None = None
    visibility: Visibility | None = None
    allows_downloads: bool | None = None
    playlist_id: str | None = None


class FailurePart(BaseModel):
    track_id: str
    code: str
    message: str


class ClientPart(BaseModel):
    address: str = ""
    user_agent: str = ""


class BulkEditDocument(Document):
    """One bulk edit, under its job's id. The counts are written in the transaction that changes the tracks."""

    id: str
    owner_id: str
    change: ChangePart
    track_ids: list[str]
    total: int
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    failures: list[FailurePart] = Field(default_factory=list)
    credential: Credential
    scopes: list[Scope] | None = None
    client: ClientPart
    created_at: datetime

    class Settings:
        name = "bulk_edits"
        indexes: ClassVar[list[Any]] = [IndexModel([("owner_id", pymongo.ASCENDING), ("_id", pymongo.ASCENDING)])]
