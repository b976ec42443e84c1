"""How idempotency keys lie in MongoDB."""

from datetime import datetime
from typing import Any, ClassVar

import pymongo
from beanie import Document
from pymongo import IndexModel


class KeyDocument(Document):
    """One key of one owner, removed by MongoDB when its day is over. `results` are ids of what the call made."""

    id: str
    owner_id: str
    operation: str = ""
    fingerprint: str
    results: list[str]
    expires_at: datetime

    class Settings:
        name = "idempotency_keys"
        indexes: ClassVar[list[Any]] = [IndexModel([("expires_at", pymongo.ASCENDING)], expireAfterSeconds=0)]
