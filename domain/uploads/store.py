"""The queries of uploads."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from domain.kit.audio.audio_decoding import EmbeddedTags
from domain.kit.transactions import Session
from domain.library.model import Descent
from domain.uploads.documents import UploadDocument
from domain.uploads.model import LyricsNote, Upload, UploadStatus


def to_upload(record: UploadDocument) -> Upload:
    fields = record.model_dump(exclude={"revision_id", "tags", "lyrics", "descent", "is_swept"})
    tags = None if record.tags is None else EmbeddedTags(**record.tags.model_dump())
    lyrics = None if record.lyrics is None else LyricsNote(**record.lyrics.model_dump())
    descent = None if record.descent is None else Descent(**record.descent.model_dump())
    return Upload(**fields, tags=tags, lyrics=lyrics, descent=descent)


class UploadStore:
    """People see their own. A worker reads the one that its job is for, the janitor those that are over."""

    async def insert(self, upload: Upload, session: Session) -> None:
        await UploadDocument.model_validate(asdict(upload)).insert(session=session)

    async def count_open(self, owner_id: str, now: datetime) -> int:
        query = {"owner_id": owner_id, "status": UploadStatus.OPEN, "expires_at": {"$gt": now}}
        return await UploadDocument.find(query).count()

    async def find_owned(self, owner_id: str, upload_id: str) -> Upload | None:
        record = await UploadDocument.find_one({"_id": upload_id, "owner_id": owner_id})
        return None if record is None else to_upload(record)

    async def find_many_owned(self, owner_id: str, upload_ids: Sequence[str]) -> dict[str, Upload]:
        query = {"_id": {"$in": list(upload_ids)}, "owner_id": owner_id}
        return {record.id: to_upload(record) for record in await UploadDocument.find(query).to_list()}

    async def find_by_jobs(self, owner_id: str, job_ids: Sequence[str]) -> dict[str, Upload]:
        """By the ids of their jobs."""
        query = {"job_id": {"$in": list(job_ids)}, "owner_id": owner_id}
        return {record.job_id or "": to_upload(record) for record in await UploadDocument.find(query).to_list()}

    async def find_by_job(self, job_id: str) -> Upload | None:
        """For the worker that has a lease of this job."""
        record = await UploadDocument.find_one({"job_id": job_id})
        return None if record is None else to_upload(record)

    async def complete(self, upload: Upload, job_id: str, title: str | None, session: Session) -> bool:
        """Closes an open upload for its job; False when it is not open any more."""
        changes = {"status": UploadStatus.COMPLETED, "job_id": job_id, "title": title or upload.title}
        return await self._close(upload.id, changes, session)

    async def abort(self, upload_id: str) -> bool:
        """Closes an open upload; False when it is not open any more."""
        return await self._close(upload_id, {"status": UploadStatus.ABORTED})

    async def note(self, job_id: str, tags: EmbeddedTags, lyrics: LyricsNote | None, session: Session) -> None:
        """What was found in its file."""
        found = {"tags": asdict(tags), "lyrics": None if lyrics is None else asdict(lyrics)}
        await UploadDocument.get_pymongo_collection().update_one({"job_id": job_id}, {"$set": found}, session=session)

    async def left_open(self, now: datetime, limit: int) -> Sequence[Upload]:
        """Open uploads of all owners whose time is over."""
        query = {"is_swept": False, "expires_at": {"$lte": now}, "status": UploadStatus.OPEN}
        return [to_upload(record) for record in await UploadDocument.find(query).limit(limit).to_list()]

    async def to_be_swept(self, before: datetime, limit: int, after: str | None) -> Sequence[Upload]:
        """Closed uploads of all owners that were over before this moment, by id, behind `after`."""
        query: dict[str, Any] = {
            "is_swept": False,
            "expires_at": {"$lte": before},
            "status": {"$ne": UploadStatus.OPEN},
        }
        if after is not None:
            query["_id"] = {"$gt": after}
        found = await UploadDocument.find(query).sort("_id").limit(limit).to_list()
        return [to_upload(record) for record in found]

    async def mark_swept(self, upload_id: str) -> None:
        await UploadDocument.get_pymongo_collection().update_one({"_id": upload_id}, {"$set": {"is_swept": True}})

    async def remove(self, upload_id: str) -> None:
        await UploadDocument.get_pymongo_collection().delete_one({"_id": upload_id})

    async def all_of(self, owner_id: str) -> Sequence[Upload]:
        return [to_upload(record) for record in await UploadDocument.find({"owner_id": owner_id}).sort("_id").to_list()]

    async def erase(self, owner_id: str) -> None:
        await UploadDocument.get_pymongo_collection().delete_many({"owner_id": owner_id})

    @staticmethod
    async def _close(upload_id: str, changes: dict[str, Any], session: Session | None = None) -> bool:
        result = await UploadDocument.get_pymongo_collection().update_one(
            {"_id": upload_id, "status": UploadStatus.OPEN}, {"$set": changes}, session=session
        )
        return bool(result.matched_count)
