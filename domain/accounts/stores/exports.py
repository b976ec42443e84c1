"""The queries of exports of personal data."""

from collections.abc import Sequence
from datetime import datetime

from domain.accounts.documents import ExportDocument


class ExportStore:
    """Which exports lie in object storage, and until when."""

    async def insert(self, export_id: str, account_id: str, now: datetime, expires_at: datetime) -> None:
        await ExportDocument(id=export_id, account_id=account_id, created_at=now, expires_at=expires_at).insert()

    async def over(self, now: datetime, limit: int) -> Sequence[tuple[str, str]]:
        """Account and id of exports whose time is up."""
        found = await ExportDocument.find({"expires_at": {"$lte": now}}).limit(limit).to_list()
        return [(document.account_id, document.id) for document in found]

    async def remove(self, export_id: str) -> None:
        await ExportDocument.get_pymongo_collection().delete_one({"_id": export_id})
