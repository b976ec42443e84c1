"""The queries of exports."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import pymongo
from pymongo.asynchronous.collection import AsyncCollection

from domain.exports.documents import AccountArchiveDocument
from domain.exports.model import Archive, Export
from domain.kit.transactions import Session

Raw = Mapping[str, Any]


class ExportStore:
    """Exports by job. People read theirs; a worker reads the one it has a lease for."""

    async def insert(self, export: Export, session: Session) -> None:
        """A unique index refuses a second one that is open."""
        record = {**asdict(export), "id": export.job_id}
        await AccountArchiveDocument.model_validate(record).insert(session=session)

    async def find(self, job_id: str) -> Export | None:
        raw = await _exports().find_one({"_id": job_id})
        return None if raw is None else _to_export(raw)

    async def find_many(self, owner_id: str, job_ids: Sequence[str]) -> dict[str, Export]:
        query = {"_id": {"$in": list(job_ids)}, "owner_id": owner_id}
        return {raw["_id"]: _to_export(raw) for raw in await _exports().find(query).to_list()}

    async def asked_since(self, owner_id: str, since: datetime) -> Sequence[datetime]:
        """When this person asked, the latest first."""
        query = {"owner_id": owner_id, "created_at": {"$gt": since}}
        found = _exports().find(query, {"created_at": True}).sort("created_at", pymongo.DESCENDING)
        return [raw["created_at"] for raw in await found.to_list()]

    async def has_open(self, owner_id: str) -> bool:
        return await _exports().find_one({"owner_id": owner_id, "is_open": True}, {"_id": True}) is not None

    async def open(self, job_id: str, session: Session) -> None:
        """It goes on; a unique index refuses that while another one of this person does."""
        await _exports().update_one({"_id": job_id}, {"$set": {"is_open": True}}, session=session)

    async def finish(self, job_id: str, archive: Archive, expires_at: datetime, session: Session) -> None:
        fields = {"archive": asdict(archive), "expires_at": expires_at, "is_open": False}
        await _exports().update_one({"_id": job_id}, {"$set": fields}, session=session)

    async def break_off(self, job_id: str, session: Session) -> None:
        """It ended without an archive; what it has left in storage is to be removed."""
        fields = {"is_open": False, "is_untidy": True}
        await _exports().update_one({"_id": job_id, "archive": None}, {"$set": fields}, session=session)

    async def untidy(self, limit: int) -> Sequence[Export]:
        found = await _exports().find({"is_untidy": True, "is_open": False}).limit(limit).to_list()
        return [_to_export(raw) for raw in found]

    async def tidied(self, job_id: str) -> None:
        """Unless it goes on again."""
        await _exports().update_one({"_id": job_id, "is_open": False}, {"$set": {"is_untidy": False}})

    async def over(self, now: datetime, limit: int) -> Sequence[Export]:
        found = await _exports().find({"expires_at": {"$lte": now}, "is_open": False}).limit(limit).to_list()
        return [_to_export(raw) for raw in found]

    async def remove(self, job_id: str) -> None:
        await _exports().delete_one({"_id": job_id})

    async def dump(self, owner_id: str) -> list[dict[str, Any]]:
        shown = {"created_at": True, "expires_at": True, "archive.size_bytes": True}
        return await _exports().find({"owner_id": owner_id}, shown).sort("_id").to_list()

    async def erase(self, owner_id: str) -> None:
        await _exports().delete_many({"owner_id": owner_id})


def _to_export(raw: Raw) -> Export:
    archive = raw["archive"]
    return Export(
        raw["_id"],
        raw["owner_id"],
        raw["created_at"],
        raw["expires_at"],
        None if archive is None else Archive(**archive),
    )


def _exports() -> AsyncCollection[dict[str, Any]]:
    return AccountArchiveDocument.get_pymongo_collection()
