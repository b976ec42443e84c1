"""The queries of the trash, from the first day to the last object."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ReturnDocument

from domain.kit.changes import Changes
from domain.kit.keyset import SortedPageRequest
from domain.kit.paging import Page
from domain.kit.transactions import Session
from domain.library.documents import StructureDocument, TrackDocument, VersionDocument
from domain.library.model import FIRST_REVISION, Track
from domain.library.stores.records import Raw, to_track
from domain.library.stores.sorting import behind, sort_of
from domain.library.trash import TrashedTrack

IN_TRASH = {"trashed_at": {"$type": "date"}, "doomed_at": None}
NEXT_REVISION = {"$add": [{"$ifNull": ["$revision", FIRST_REVISION]}, 1]}


@dataclass(frozen=True)
class DoomedTrack:
    """A track that is on its way out, of whatever owner."""

    id: str
    owner_id: str


class TrashStore:
    """`keep` is how long a track lies in the trash. What moves in and out is noted in `changes`."""

    def __init__(self, keep: timedelta, changes: Changes) -> None:
        self.keep = keep
        self._changes = changes

    async def trash(self, owner_id: str, track_id: str, now: datetime, session: Session) -> TrashedTrack | None:
        """With its versions; None when there is no such track outside the trash."""
        raw = await self._move({"_id": track_id, "owner_id": owner_id, "trashed_at": None}, now, session)
        return None if raw is None else self._to_trashed(raw)

    async def restore(self, owner_id: str, track_id: str, session: Session) -> Track | None:
        """With its versions; None when it is not in the trash."""
        raw = await self._move({"_id": track_id, "owner_id": owner_id, **IN_TRASH}, None, session)
        return None if raw is None else to_track(raw)

    async def find(self, owner_id: str, track_id: str, session: Session | None = None) -> TrashedTrack | None:
        raw = await _tracks().find_one({"_id": track_id, "owner_id": owner_id, **IN_TRASH}, session=session)
        return None if raw is None else self._to_trashed(raw)

    async def page(self, owner_id: str, page: SortedPageRequest) -> Page[TrashedTrack]:
        query = {"owner_id": owner_id, **IN_TRASH, **behind(page, "trashed_at")}
        sort = sort_of(page.order, "trashed_at")
        found = await _tracks().find(query).sort(sort).limit(page.first + 1).to_list()
        return Page.cut([self._to_trashed(raw) for raw in found], page)

    async def doom(self, owner_id: str, track_id: str, now: datetime, session: Session | None = None) -> bool:
        """From here there is no way back; False when it is not in the trash."""
        query = {"_id": track_id, "owner_id": owner_id, **IN_TRASH}
        return bool((await _tracks().update_one(query, {"$set": {"doomed_at": now}}, session=session)).matched_count)

    async def doom_expired(self, now: datetime) -> None:
        query = {"trashed_at": {"$type": "date", "$lte": now - self.keep}, "doomed_at": None}
        await _tracks().update_many(query, {"$set": {"doomed_at": now}})

    async def doomed(self, limit: int, after: str | None) -> Sequence[DoomedTrack]:
        """Of all owners, by id, behind `after`."""
        query: dict[str, Any] = {"doomed_at": {"$type": "date"}}
        if after is not None:
            query["_id"] = {"$gt": after}
        found = await _tracks().find(query, {"owner_id": True}).sort("_id").limit(limit).to_list()
        return [DoomedTrack(raw["_id"], raw["owner_id"]) for raw in found]

    async def keys_of(self, track_id: str) -> Sequence[str]:
        """The objects that its versions name."""
        found = await _versions().find({"track_id": track_id}, {"assets.key": True}).to_list()
        return [asset["key"] for raw in found for asset in raw["assets"]]

    async def keys_of_others(self, track_id: str, folders: Collection[str], keys: Collection[str]) -> set[str]:
        """What versions of other tracks name, of those that name one of these keys or anything in these folders."""
        named = [*keys, *(re.compile(f"^{re.escape(folder)}/") for folder in folders)]
        query = {"assets.key": {"$in": named}, "track_id": {"$ne": track_id}}
        found = await _versions().find(query, {"assets.key": True}).to_list()
        return {asset["key"] for raw in found for asset in raw["assets"]}

    async def forget(self, doomed: DoomedTrack) -> None:
        """The track goes last: as long as it is there, what is left of it can be found."""
        of_track = {"track_id": doomed.id, "owner_id": doomed.owner_id}
        await StructureDocument.get_pymongo_collection().delete_many(of_track)
        await _versions().delete_many(of_track)
        await _tracks().delete_one({"_id": doomed.id, "owner_id": doomed.owner_id, "doomed_at": {"$type": "date"}})

    async def _move(self, query: dict[str, Any], trashed_at: datetime | None, session: Session) -> Raw | None:
        """One more revision, so that what was written for the one before is not written over this."""
        moved: Raw | None = await _tracks().find_one_and_update(
            query,
            [{"$set": {"trashed_at": trashed_at, "revision": NEXT_REVISION}}],
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        if moved is not None:
            of_track = {"track_id": moved["_id"], "owner_id": moved["owner_id"]}
            is_trashed = {"$set": {"is_trashed": trashed_at is not None}}
            await _versions().update_many(of_track, is_trashed, session=session)
            await self._changes.note(moved["owner_id"], session)
        return moved

    def _to_trashed(self, raw: Raw) -> TrashedTrack:
        return TrashedTrack(to_track(raw), raw["trashed_at"], raw["trashed_at"] + self.keep)


def _tracks() -> Any:
    return TrackDocument.get_pymongo_collection()


def _versions() -> Any:
    return VersionDocument.get_pymongo_collection()
