"""The queries of likes. A list is always one person's; counts are of tracks that the caller was shown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pymongo
from pymongo import DeleteOne, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError

from domain.kit.ids import new_id
from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import Session
from domain.library.model import Track
from domain.likes.documents import LikeCountDocument, LikeDocument
from domain.likes.model import Like, TrackLikes

Raw = Mapping[str, Any]
UNLIKED = {"$set": {"is_liked": False, "is_pending": True}}


class LikeStore:
    """Liking and unliking write one document of one person, however many like the same track."""

    async def like(self, account_id: str, track: Track, now: datetime) -> None:
        """Again changes nothing."""
        try:
            await self._upsert(account_id, track, now)
        except DuplicateKeyError:
            # the same call at the same time was faster, so now there is something to update
            await self._upsert(account_id, track, now)

    async def like_in(self, session: Session, account_id: str, track: Track, now: datetime) -> bool:
        """As `like`, inside a transaction, which has to be begun again if the same call is faster; False if again."""
        if await self._likes_it(session, account_id, track.id):
            return False
        await self._upsert(account_id, track, now, session)
        return True

    async def unlike_in(self, session: Session, account_id: str, track_id: str) -> bool:
        """As `unlike`, inside a transaction; False when there was nothing to take back."""
        if not await self._likes_it(session, account_id, track_id):
            return False
        await self.unlike(account_id, track_id, session)
        return True

    async def unlike(self, account_id: str, track_id: str, session: Session | None = None) -> None:
        """What was not counted yet goes at once, and the rest when it is taken from the count."""
        key = _key(account_id, track_id)
        fresh = {"_id": key, "account_id": account_id, "is_counted": False}
        await _likes().delete_one(fresh, session=session)
        counted = {"_id": key, "account_id": account_id, "is_liked": True}
        await _likes().update_one(counted, UNLIKED, session=session)

    async def page(self, account_id: str, page: PageRequest) -> Page[Like]:
        query: dict[str, Any] = {"account_id": account_id, "is_liked": True}
        if page.after is not None:
            query["place"] = {"$lt": page.after}
        found = await _likes().find(query).sort("place", pymongo.DESCENDING).limit(page.first + 1).to_list()
        return Page.cut([_to_like(raw) for raw in found], page)

    async def own_tracks(self, account_id: str) -> Sequence[str]:
        """Which of their own tracks a person likes; read from an index alone."""
        query = {"account_id": account_id, "track_owner_id": account_id, "is_liked": True}
        found = await _likes().find(query, {"_id": False, "track_id": True}, hint="liked_tracks").to_list()
        return [raw["track_id"] for raw in found]

    async def likes_of(self, account_id: str | None, track_ids: Sequence[str]) -> dict[str, TrackLikes]:
        """With the person's own like as it is, counted or not; a track without likes may be left out."""
        counts = await _counts().find({"_id": {"$in": list(track_ids)}}).to_list()
        own = [] if account_id is None else await self._own(account_id, track_ids)
        found = {raw["_id"]: TrackLikes(raw["likes"], has_liked=False) for raw in counts}
        for raw in own:
            before = found.get(raw["track_id"], TrackLikes(0, has_liked=False))
            since = raw["liked_at"] if raw["is_liked"] else None
            found[raw["track_id"]] = TrackLikes(before.count + _difference(raw), raw["is_liked"], since)
        return found

    async def liked_at(self, account_id: str, track_ids: Sequence[str]) -> dict[str, datetime]:
        """Since when the person likes those of these tracks that they like."""
        query = {
            "_id": {"$in": [_key(account_id, track_id) for track_id in track_ids]},
            "account_id": account_id,
            "is_liked": True,
        }
        found = _likes().find(query, {"_id": False, "track_id": True, "liked_at": True})
        return {raw["track_id"]: raw["liked_at"] for raw in await found.batch_size(len(track_ids) + 1).to_list()}

    async def pending(self, limit: int, account_id: str | None = None) -> Sequence[str]:
        """The ids of likes that no count has as they are; of all persons, or of one."""
        query: dict[str, Any] = {"is_pending": True}
        if account_id is not None:
            query["account_id"] = account_id
        found = await _likes().find(query, {"_id": True}).limit(limit).to_list()
        return [raw["_id"] for raw in found]

    async def count(self, ids: Sequence[str], session: Session) -> int:
        """Brings the counts in line with these likes; returns how many of them were still pending."""
        found = await _likes().find({"_id": {"$in": list(ids)}, "is_pending": True}, session=session).to_list()
        if not found:
            return 0
        await _likes().bulk_write([_settled(raw) for raw in found], ordered=False, session=session)
        totals: Counter[tuple[str, str]] = Counter()
        for raw in found:
            totals[raw["track_id"], raw["track_owner_id"]] += _difference(raw)
        # in the order of their ids, so that two workers wait for each other instead of undoing their work
        updates = [
            UpdateOne({"_id": track_id}, {"$inc": {"likes": more}, "$set": {"track_owner_id": owner_id}}, upsert=True)
            for (track_id, owner_id), more in sorted(totals.items())
            if more
        ]
        if updates:
            await _counts().bulk_write(updates, session=session)
        return len(found)

    async def take_back(self, account_id: str) -> None:
        """Unlikes all that a person likes; what was counted is pending then."""
        await _likes().delete_many({"account_id": account_id, "is_counted": False})
        await _likes().update_many({"account_id": account_id}, UNLIKED)

    async def forget_track(self, track_id: str) -> None:
        await _likes().delete_many({"track_id": track_id})
        await _counts().delete_one({"_id": track_id})

    async def erase_owned(self, owner_id: str) -> None:
        """Likes and counts of the tracks of a person who is gone."""
        await _likes().delete_many({"track_owner_id": owner_id})
        await _counts().delete_many({"track_owner_id": owner_id})

    async def dump(self, account_id: str) -> list[dict[str, Any]]:
        shown = {"_id": False, "track_id": True, "liked_at": True}
        return await _likes().find({"account_id": account_id, "is_liked": True}, shown).sort("place").to_list()

    @staticmethod
    async def _own(account_id: str, track_ids: Sequence[str]) -> Sequence[Raw]:
        keys = [_key(account_id, track_id) for track_id in track_ids]
        return await _likes().find({"_id": {"$in": keys}, "account_id": account_id}).to_list()

    @staticmethod
    async def _likes_it(session: Session, account_id: str, track_id: str) -> bool:
        query = {"_id": _key(account_id, track_id), "account_id": account_id, "is_liked": True}
        return await _likes().find_one(query, {"_id": True}, session=session) is not None

    @staticmethod
    async def _upsert(account_id: str, track: Track, now: datetime, session: Session | None = None) -> None:
        """A like that is there keeps its place and its time."""
        is_new = {"$ne": ["$is_liked", True]}
        fields = {
            "account_id": account_id,
            "track_id": track.id,
            "track_owner_id": track.owner_id,
            "place": {"$cond": [is_new, new_id(), "$place"]},
            "liked_at": {"$cond": [is_new, now, "$liked_at"]},
            "is_counted": {"$ifNull": ["$is_counted", False]},
            "is_liked": True,
        }
        steps: list[dict[str, Any]] = [{"$set": fields}, {"$set": {"is_pending": {"$not": ["$is_counted"]}}}]
        await _likes().update_one({"_id": _key(account_id, track.id)}, steps, upsert=True, session=session)


def _settled(raw: Raw) -> UpdateOne | DeleteOne:
    if not raw["is_liked"]:
        return DeleteOne({"_id": raw["_id"]})
    return UpdateOne({"_id": raw["_id"]}, {"$set": {"is_counted": True, "is_pending": False}})


def _difference(raw: Raw) -> int:
    """What the count lacks."""
    return int(raw["is_liked"]) - int(raw["is_counted"])


def _key(account_id: str, track_id: str) -> str:
    return f"{account_id}:{track_id}"


def _to_like(raw: Raw) -> Like:
    return Like(raw["place"], raw["track_id"], raw["liked_at"])


def _likes() -> AsyncCollection[dict[str, Any]]:
    return LikeDocument.get_pymongo_collection()


def _counts() -> AsyncCollection[dict[str, Any]]:
    return LikeCountDocument.get_pymongo_collection()
