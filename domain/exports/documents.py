"""How exports lie in MongoDB."""

from datetime import datetime
from typing import Any, ClassVar

import pymongo
from beanie import Document
from pydantic import BaseModel
from pymongo import IndexModel


class ArchivePart(BaseModel):
    key: str
    size_bytes: int


class AccountArchiveDocument(Document):
    """One export, under its job's id. `is_open` while its job goes on, `is_untidy` while storage may hold leftovers."""

    id: str
    owner_id: str
    created_at: datetime
    expires_at: datetime
    archive: ArchivePart | None = None
    is_open: bool = True
    is_untidy: bool = False

    class Settings:
        name = "account_archives"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("owner_id", pymongo.ASCENDING), ("created_at", pymongo.DESCENDING)]),
            IndexModel(
                [("owner_id", pymongo.ASCENDING)],
                unique=True,
                partialFilterExpression={"is_open": True},
                name="one_at_a_time",
            ),
            IndexModel([("expires_at", pymongo.ASCENDING)]),
            IndexModel([("is_untidy", pymongo.ASCENDING)], partialFilterExpression={"is_untidy": True}, name="untidy"),
        ]
