"""The queries of playback."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from domain.jobs.errors import LeaseLost
from domain.kit.transactions import Session
from domain.playback.documents import RenditionDocument
from domain.playback.model import Rendition, Segment, Variant

SEEN: Mapping[str, Any] = {"is_doomed": {"$ne": True}, "is_trashed": {"$ne": True}}


def to_rendition(record: RenditionDocument) -> Rendition:
    variants = [Variant(part.name, part.bandwidth) for part in record.variants]
    return Rendition(
        version_id=record.id,
        track_id=record.track_id,
        owner_id=record.owner_id,
        job_id=record.job_id,
        attempt=record.attempt,
        prefix=record.prefix,
        variants=tuple(variants) or (Variant("", record.bandwidth),),
        segments=tuple(
            Segment(part.name, part.duration_seconds, tuple(part.sizes), part.holds_all) for part in record.segments
        ),
        is_complete=record.is_complete,
    )


class RenditionStore:
    """Writes are conditional on the attempt, so that a worker that was replaced changes nothing."""

    async def begin(self, rendition: Rendition, now: datetime, session: Session) -> str | None:
        """Starts over with an empty rendition; returns the prefix of an earlier attempt's objects.

        Raises `LeaseLost` when a later attempt has begun.
        """
        fields = asdict(rendition)
        version_id = fields.pop("version_id")
        try:
            before = await RenditionDocument.get_pymongo_collection().find_one_and_update(
                {"_id": version_id, "attempt": {"$lte": rendition.attempt}, "is_complete": False},
                {"$set": {**fields, "segments": [], "is_doomed": False, "created_at": now}},
                upsert=True,
                session=session,
            )
        except DuplicateKeyError as error:
            raise LeaseLost() from error
        return None if before is None else str(before["prefix"])

    async def adopt(self, version_id: str, prefix: str, attempt: int, session: Session) -> Rendition | None:
        """Gives the whole, but not yet complete, rendition under this prefix to a later attempt."""
        raw = await RenditionDocument.get_pymongo_collection().find_one_and_update(
            {
                "_id": version_id,
                "prefix": prefix,
                "attempt": {"$lte": attempt},
                "is_complete": False,
                "is_doomed": {"$ne": True},
            },
            {"$set": {"attempt": attempt}},
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        return None if raw is None else to_rendition(RenditionDocument.model_validate(raw))

    async def unfinished(self, before: datetime, limit: int, after: str | None) -> Sequence[Rendition]:
        """Renditions of all owners that began before this moment and are not complete, by id, behind `after`."""
        query: dict[str, Any] = {"is_complete": False, "created_at": {"$lt": before}}
        if after is not None:
            query["_id"] = {"$gt": after}
        found = await RenditionDocument.find(query).sort("_id").limit(limit).to_list()
        return [to_rendition(record) for record in found]

    async def append(
        self, version_id: str, attempt: int, segments: Sequence[Segment], peaks: Sequence[int] = ()
    ) -> bool:
        """`peaks` are the highest rates in bit/s of these segments, in the order of the variants; they raise theirs."""
        update: dict[str, Any] = {"$push": {"segments": {"$each": [asdict(segment) for segment in segments]}}}
        if peaks:
            update["$max"] = {f"variants.{index}.bandwidth": peak for index, peak in enumerate(peaks)}
        return await self._change(version_id, attempt, update)

    async def complete(self, version_id: str, attempt: int, session: Session) -> bool:
        return await self._change(version_id, attempt, {"$set": {"is_complete": True}}, session)

    async def doom(self, version_id: str, attempt: int) -> bool:
        """Hides an unfinished rendition of this attempt for good; False when another attempt has it, or nobody."""
        result = await RenditionDocument.get_pymongo_collection().update_one(
            {"_id": version_id, "attempt": attempt, "is_complete": False}, {"$set": {"is_doomed": True}}
        )
        return bool(result.matched_count)

    async def discard(self, version_id: str, attempt: int) -> bool:
        result = await RenditionDocument.get_pymongo_collection().delete_one(
            {"_id": version_id, "attempt": attempt, "is_complete": False, "is_doomed": True}
        )
        return bool(result.deleted_count)

    async def find_owned(self, owner_id: str, track_id: str, version_id: str | None) -> Rendition | None:
        """Of one version of a track, or else of whichever was begun last."""
        query = {"track_id": track_id, "owner_id": owner_id, **SEEN}
        if version_id is not None:
            query["_id"] = version_id
        found = await RenditionDocument.find(query).sort("-created_at").limit(1).to_list()
        return to_rendition(found[0]) if found else None

    async def find(self, version_id: str) -> Rendition | None:
        """For the bearer of a playback token, which was given out for exactly this version."""
        record = await RenditionDocument.find_one({"_id": version_id, **SEEN})
        return None if record is None else to_rendition(record)

    async def names(self, version_id: str, prefix: str) -> bool:
        """Whether the version's rendition has its objects under this prefix, whoever works on it."""
        return await RenditionDocument.find({"_id": version_id, "prefix": prefix}).count() > 0

    async def prefixes_of(self, owner_id: str) -> Sequence[str]:
        """Where the objects of all of a person's renditions lie."""
        found = RenditionDocument.get_pymongo_collection().find({"owner_id": owner_id}, {"prefix": True})
        return [raw["prefix"] for raw in await found.to_list()]

    async def hide(self, track_id: str, is_hidden: bool, session: Session) -> None:
        """Takes a track's renditions away from listeners while the track is in the trash."""
        await RenditionDocument.get_pymongo_collection().update_many(
            {"track_id": track_id}, {"$set": {"is_trashed": is_hidden}}, session=session
        )

    async def prefixes_of_track(self, track_id: str) -> Sequence[str]:
        """Where the objects of a track's renditions lie, whether they are seen or not."""
        found = RenditionDocument.get_pymongo_collection().find({"track_id": track_id}, {"prefix": True})
        return [raw["prefix"] for raw in await found.to_list()]

    async def copy(self, version_id: str, copy_id: str, track_id: str, created_at: datetime, session: Session) -> None:
        """The same objects under another version of another track. Versions without a rendition have none after it."""
        renditions = RenditionDocument.get_pymongo_collection()
        raw = await renditions.find_one({"_id": version_id, "is_complete": True}, session=session)
        if raw is not None:
            fields = {**raw, "_id": copy_id, "track_id": track_id, "created_at": created_at}
            await renditions.insert_one(fields, session=session)

    async def in_folders_of_others(self, track_id: str, folders: Sequence[str]) -> Sequence[Rendition]:
        """What other tracks play out of these folders."""
        inside = [re.compile(f"^{re.escape(folder)}(/|$)") for folder in folders]
        query = {"prefix": {"$in": inside}, "track_id": {"$ne": track_id}}
        return [to_rendition(record) for record in await RenditionDocument.find(query).to_list()]

    async def forget(self, track_id: str) -> None:
        await RenditionDocument.get_pymongo_collection().delete_many({"track_id": track_id, "is_trashed": True})

    async def rekey(self) -> int:
        """Gives those from before a track had several versions the id of theirs, which their prefix names."""
        renditions = RenditionDocument.get_pymongo_collection()
        old = await renditions.find({"track_id": None}).to_list()
        for raw in old:
            _, track_id, version_id, _ = raw["prefix"].split("/")
            fields = {**raw, "_id": version_id, "track_id": track_id}
            await renditions.replace_one({"_id": version_id}, fields, upsert=True)
            await renditions.delete_one({"_id": raw["_id"]})
        return len(old)

    async def erase(self, owner_id: str) -> None:
        await RenditionDocument.get_pymongo_collection().delete_many({"owner_id": owner_id})

    @staticmethod
    async def _change(version_id: str, attempt: int, update: dict[str, Any], session: Session | None = None) -> bool:
        result = await RenditionDocument.get_pymongo_collection().update_one(
            {"_id": version_id, "attempt": attempt, "is_doomed": {"$ne": True}}, update, session=session
        )
        return bool(result.matched_count)
