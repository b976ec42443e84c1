"""The queries of mail that is still to be sent."""

from collections.abc import Sequence
from datetime import datetime

from pymongo import ReturnDocument

from domain.kit.transactions import Session
from domain.mail.documents import MailDocument
from domain.mail.model import LEASE, PostedMail


class MailStore:
    """Of many senders exactly one gets a message; when it dies, another one gets it after the lease."""

    async def insert(self, mail: PostedMail, account_id: str, session: Session) -> None:
        document = MailDocument(
            id=mail.id,
            account_id=account_id,
            sealed=mail.sealed,
            created_at=mail.created_at,
            due_at=mail.created_at,
        )
        await document.insert(session=session)

    async def claim(self, mail_id: str, now: datetime) -> PostedMail | None:
        raw = await MailDocument.get_pymongo_collection().find_one_and_update(
            {"_id": mail_id, "due_at": {"$lte": now}},
            {"$set": {"due_at": now + LEASE}, "$inc": {"attempts": 1}},
            return_document=ReturnDocument.AFTER,
        )
        if raw is None:
            return None
        document = MailDocument.model_validate(raw)
        return PostedMail(document.id, document.sealed, document.created_at, document.attempts)

    async def due(self, now: datetime, limit: int) -> Sequence[str]:
        """The ids of messages that nobody is sending, the oldest first."""
        found = await MailDocument.find({"due_at": {"$lte": now}}).sort("due_at").limit(limit).to_list()
        return [document.id for document in found]

    async def postpone(self, mail_id: str, due_at: datetime) -> None:
        await MailDocument.get_pymongo_collection().update_one({"_id": mail_id}, {"$set": {"due_at": due_at}})

    async def remove(self, mail_id: str) -> None:
        await MailDocument.get_pymongo_collection().delete_one({"_id": mail_id})

    async def remove_of(self, account_id: str) -> None:
        await MailDocument.get_pymongo_collection().delete_many({"account_id": account_id})
