"""The queries of pictures on their way to becoming covers."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from domain.uploads.covers import CoverUpload
from domain.uploads.documents import CoverUploadDocument


def to_cover_upload(record: CoverUploadDocument) -> CoverUpload:
    return CoverUpload(**record.model_dump(exclude={"revision_id"}))


class CoverUploadStore:
    """People see their own, the janitor those that are over."""

    async def insert(self, upload: CoverUpload) -> None:
        await CoverUploadDocument.model_validate(asdict(upload)).insert()

    async def count_open(self, owner_id: str, now: datetime) -> int:
        return await CoverUploadDocument.find({"owner_id": owner_id, "expires_at": {"$gt": now}}).count()

    async def find_open(self, owner_id: str, upload_id: str, now: datetime) -> CoverUpload | None:
        record = await CoverUploadDocument.find_one(
            {"_id": upload_id, "owner_id": owner_id, "expires_at": {"$gt": now}}
        )
        return None if record is None else to_cover_upload(record)

    async def over(self, before: datetime, limit: int) -> Sequence[CoverUpload]:
        """Those of all owners that were over before this moment."""
        found = await CoverUploadDocument.find({"expires_at": {"$lte": before}}).limit(limit).to_list()
        return [to_cover_upload(record) for record in found]

    async def remove(self, upload_id: str) -> None:
        await CoverUploadDocument.get_pymongo_collection().delete_one({"_id": upload_id})

    async def all_of(self, owner_id: str) -> Sequence[CoverUpload]:
        found = await CoverUploadDocument.find({"owner_id": owner_id}).sort("_id").to_list()
        return [to_cover_upload(record) for record in found]

    async def erase(self, owner_id: str) -> None:
        await CoverUploadDocument.get_pymongo_collection().delete_many({"owner_id": owner_id})
