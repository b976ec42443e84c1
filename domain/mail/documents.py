"""How mail that is still to be sent lies in MongoDB."""

from datetime import datetime
from typing import Any, ClassVar

import pymongo
from beanie import Document
from pymongo import IndexModel


class MailDocument(Document):
    """`sealed` is the message, encrypted: it holds links that open accounts. `due_at` is also the sender's lease."""

    id: str
    account_id: str
    sealed: str
    created_at: datetime
    due_at: datetime
    attempts: int = 0

    class Settings:
        name = "mail_outbox"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("due_at", pymongo.ASCENDING)]),
            IndexModel([("account_id", pymongo.ASCENDING)]),
        ]
