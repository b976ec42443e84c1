"""The queries of playback."""

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
        track_id=record.id,
        owner_id=record.owner_id,
        job_id=record.job_id,
        attempt=record.attempt,
        prefix=record.prefix,
        variants=tuple(variants) or (Variant("", record.bandwidth),),
        segments=tuple(Segment(part.name, part.duration_seconds, tuple(part.sizes)) for part in record.segments),
        is_complete=record.is_complete,
    )


class RenditionStore:
    """Writes are conditional on the attempt, so that a worker that was replaced changes nothing."""

    async def begin(self, rendition: Rendition, now: datetime, session: Session) -> str | None:
        """Starts over with an empty rendition; returns the prefix of an earlier attempt's objects.

        Raises `LeaseLost` when a later attempt has begun.
        """
        fields = asdict(rendition)
        track_id = fields.pop("track_id")
        try:
            before = await RenditionDocument.get_pymongo_collection().find_one_and_update(
                {"_id": track_id, "attempt": {"$lte": rendition.attempt}, "is_complete": False},
                {"$set": {**fields, "segments": [], "is_doomed": False, "created_at": now}},
                upsert=True,
                session=session,
            )
        except DuplicateKeyError as error:
            raise LeaseLost() from error
        return None if before is None else str(before["prefix"])

    async def adopt(self, track_id: str, prefix: str, attempt: int, session: Session) -> Rendition | None:
        """Gives the whole, but not yet complete, rendition under this prefix to a later attempt."""
        raw = await RenditionDocument.get_pymongo_collection().find_one_and_update(
            {
                "_id": track_id,
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

    async def append(self, track_id: str, attempt: int, segments: Sequence[Segment], peaks: Sequence[int] = ()) -> bool:
        """`peaks` are the highest rates in bit/s of these segments, in the order of the variants; they raise theirs."""
        update: dict[str, Any] = {"$push": {"segments": {"$each": [asdict(segment) for segment in segments]}}}
        if peaks:
            update["$max"] = {f"variants.{index}.bandwidth": peak for index, peak in enumerate(peaks)}
        return await self._change(track_id, attempt, update)

    async def complete(self, track_id: str, attempt: int, session: Session) -> bool:
        return await self._change(track_id, attempt, {"$set": {"is_complete": True}}, session)

    async def doom(self, track_id: str, attempt: int) -> bool:
        """Hides an unfinished rendition of this attempt for good; False when another attempt has it, or nobody."""
        result = await RenditionDocument.get_pymongo_collection().update_one(
            {"_id": track_id, "attempt": attempt, "is_complete": False}, {"$set": {"is_doomed": True}}
        )
        return bool(result.matched_count)

    async def discard(self, track_id: str, attempt: int) -> bool:
        result = await RenditionDocument.get_pymongo_collection().delete_one(
            {"_id": track_id, "attempt": attempt, "is_complete": False, "is_doomed": True}
        )
        return bool(result.deleted_count)

    async def find_owned(self, owner_id: str, track_id: str) -> Rendition | None:
        record = await RenditionDocument.find_one({"_id": track_id, "owner_id": owner_id, **SEEN})
        return None if record is None else to_rendition(record)

    async def find(self, track_id: str) -> Rendition | None:
        """For the bearer of a playback token, which was given out for exactly this track."""
        record = await RenditionDocument.find_one({"_id": track_id, **SEEN})
        return None if record is None else to_rendition(record)

    async def names(self, track_id: str, prefix: str) -> bool:
        """Whether the track's rendition has its objects under this prefix, whoever works on it."""
        return await RenditionDocument.find({"_id": track_id, "prefix": prefix}).count() > 0

    async def prefixes_of(self, owner_id: str) -> Sequence[str]:
        """Where the objects of all of a person's renditions lie."""
        found = RenditionDocument.get_pymongo_collection().find({"owner_id": owner_id}, {"prefix": True})
        return [raw["prefix"] for raw in await found.to_list()]

    async def hide(self, track_id: str, is_hidden: bool, session: Session) -> None:
        """Takes a track's rendition away from listeners while the track is in the trash."""
        await RenditionDocument.get_pymongo_collection().update_one(
            {"_id": track_id}, {"$set": {"is_trashed": is_hidden}}, session=session
        )

    async def prefix_of(self, track_id: str) -> str | None:
        """Where the objects of a track's rendition lie, whether it is seen or not."""
        raw = await RenditionDocument.get_pymongo_collection().find_one({"_id": track_id}, {"prefix": True})
        return None if raw is None else str(raw["prefix"])

    async def forget(self, track_id: str) -> None:
        await RenditionDocument.get_pymongo_collection().delete_one({"_id": track_id, "is_trashed": True})

    async def erase(self, owner_id: str) -> None:
        await RenditionDocument.get_pymongo_collection().delete_many({"owner_id": owner_id})

    @staticmethod
    async def _change(track_id: str, attempt: int, update: dict[str, Any], session: Session | None = None) -> bool:
        result = await RenditionDocument.get_pymongo_collection().update_one(
            {"_id": track_id, "attempt": attempt, "is_doomed": {"$ne": True}}, update, session=session
        )
        return bool(result.matched_count)
