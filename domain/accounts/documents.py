"""How accounts lie in MongoDB."""

from datetime import datetime
from typing import Any, ClassVar

import pymongo
from beanie import Document
from pymongo import IndexModel


class AccountDocument(Document):
    id: str
    email: str
    display_name: str
    password_hash: str
    created_at: datetime
    is_admin: bool = False

    class Settings:
        name = "accounts"
        indexes: ClassVar[list[Any]] = [IndexModel([("email", pymongo.ASCENDING)], unique=True)]
