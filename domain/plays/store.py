"""The queries of plays. A history is always one listener's; counts are of tracks that the caller was shown."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pymongo
from pymongo import UpdateOne
from pymongo.asynchronous.collection import AsyncCollection

from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import Session
from domain.plays.documents import DayPlaysDocument, PlayCountDocument, PlayDocument
from domain.plays.model import HeardTrack, Play

Raw = Mapping[str, Any]


def _to_heard(raw: Raw) -> HeardTrack:
    return HeardTrack(raw["_id"], raw["track_id"], raw.get("version_id"), raw["began_at"], raw["heard_seconds"])


class PlayStore:
    """`plays`, and the counters that are changed with them."""

    async def write(self, plays: Sequence[Play], session: Session) -> Sequence[Play]:
        """Returns those that are new. Of one that is there already only what was heard changes, and never to less."""
        ids = [play.id for play in plays]
        found = await _plays().find({"_id": {"$in": ids}}, {"_id": True}, session=session).to_list()
        there = {raw["_id"] for raw in found}
        new = [play for play in plays if play.id not in there]
        if new:
            await _plays().insert_many([_document(play) for play in new], session=session)
            await self._count([play for play in new if play.is_counted], session)
        grown = [
            UpdateOne({"_id": play.id}, {"$max": {"heard_seconds": play.heard_seconds}})
            for play in plays
            if play.id in there
        ]
        if grown:
            await _plays().bulk_write(grown, ordered=False, session=session)
        return new

    async def page(self, listener_id: str, page: PageRequest) -> Page[HeardTrack]:
        query: dict[str, Any] = {"listener_id": listener_id}
        if page.after is not None:
            query["_id"] = {"$lt": page.after}
        found = await _plays().find(query).sort("_id", pymongo.DESCENDING).limit(page.first + 1).to_list()
        return Page.cut([_to_heard(raw) for raw in found], page)

    async def recent(self, listener_id: str, most: int) -> Sequence[str]:
        """The tracks of so many plays of a listener, the latest first; one stands there for each time."""
        found = _plays().find({"listener_id": listener_id}, {"track_id": True}).sort("_id", pymongo.DESCENDING)
        return [raw["track_id"] for raw in await found.limit(most).to_list()]

    async def played(self, listener_id: str, least: float | None, most: float | None) -> Sequence[str]:
        """Which of their own tracks a listener has played at all, and so often."""
        return await self._own_tracks(
            listener_id, {"plays": {"$gte": least or 0, "$lte": math.inf if most is None else most}}
        )

    async def last_played(self, listener_id: str, after: datetime | None, before: datetime | None) -> Sequence[str]:
        """Which of their own tracks a listener has played last in this time, its end not included."""
        bounds = {name: moment for name, moment in (("$gte", after), ("$lt", before)) if moment is not None}
        return await self._own_tracks(listener_id, {"last": bounds})

    @staticmethod
    async def _own_tracks(listener_id: str, fitting: Mapping[str, Any]) -> Sequence[str]:
        """Read from an index alone."""
        steps: list[dict[str, Any]] = [
            {"$match": {"listener_id": listener_id, "owner_id": listener_id}},
            {"$group": {"_id": "$track_id", "plays": {"$sum": 1}, "last": {"$max": "$began_at"}}},
            {"$match": fitting},
        ]
        return [raw["_id"] async for raw in await _plays().aggregate(steps, hint="played_tracks")]

    async def most_played(self, owner_id: str, skip: int, limit: int) -> Sequence[str]:
        """A person's tracks by how often they were played."""
        order = [("plays", pymongo.DESCENDING), ("_id", pymongo.DESCENDING)]
        found = _counts().find({"owner_id": owner_id}, {"_id": True}).sort(order)
        return [raw["_id"] for raw in await found.skip(skip).limit(limit).to_list()]

    async def find(self, listener_id: str, play_ids: Sequence[str]) -> dict[str, HeardTrack]:
        query = {"_id": {"$in": list(play_ids)}, "listener_id": listener_id}
        return {raw["_id"]: _to_heard(raw) for raw in await _plays().find(query).to_list()}

    async def all_of(self, listener_id: str) -> Sequence[HeardTrack]:
        return [_to_heard(raw) async for raw in _plays().find({"listener_id": listener_id}).sort("_id")]

    async def forget(self, listener_id: str, before: datetime | None = None) -> int:
        """What was listened to stays counted, and nobody can tell who it was. Returns how many plays there were."""
        query: dict[str, Any] = {"listener_id": listener_id}
        if before is not None:
            query["began_at"] = {"$lt": before}
        result = await _plays().update_many(query, {"$set": {"listener_id": None}})
        return int(result.modified_count)

    async def erase_owned(self, owner_id: str) -> None:
        """Plays and counts of the tracks of a person who is gone; others keep in their history that they listened."""
        await _plays().delete_many({"owner_id": owner_id, "listener_id": {"$in": [None, owner_id]}})
        await _plays().update_many({"owner_id": owner_id}, {"$set": {"owner_id": None}})
        await _counts().delete_many({"owner_id": owner_id})
        await _days().delete_many({"owner_id": owner_id})

    async def forget_track(self, track_id: str) -> None:
        """Its counts, and plays that stand in nobody's history."""
        await _plays().delete_many({"track_id": track_id, "listener_id": None})
        await _counts().delete_one({"_id": track_id})
        await _days().delete_many({"track_id": track_id})

    async def counts(self, track_ids: Sequence[str]) -> dict[str, int]:
        found = _counts().find({"_id": {"$in": list(track_ids)}}, {"plays": True}).batch_size(len(track_ids) + 1)
        return {raw["_id"]: raw["plays"] for raw in await found.to_list()}

    async def by_day(self, track_ids: Sequence[str], first: date) -> dict[str, dict[date, int]]:
        """From this day on; days without plays are left out."""
        query = {"track_id": {"$in": list(track_ids)}, "day": {"$gte": first.isoformat()}}
        days: dict[str, dict[date, int]] = {}
        for raw in await _days().find(query).to_list():
            days.setdefault(raw["track_id"], {})[date.fromisoformat(raw["day"])] = raw["plays"]
        return days

    @staticmethod
    async def _count(plays: Sequence[Play], session: Session) -> None:
        """In the order of their ids, so that two workers wait for each other instead of undoing their work."""
        if not plays:
            return
        totals = Counter((play.track_id, play.owner_id) for play in plays)
        days = Counter((play.track_id, play.owner_id, play.began_at.date().isoformat()) for play in plays)
        await _counts().bulk_write(
            [
                UpdateOne(
                    {"_id": track_id}, {"$inc": {"plays": more}, "$setOnInsert": {"owner_id": owner_id}}, upsert=True
                )
                for (track_id, owner_id), more in sorted(totals.items())
            ],
            session=session,
        )
        await _days().bulk_write(
            [
                UpdateOne(
                    {"_id": f"{track_id}:{day}"},
                    {
                        "$inc": {"plays": more},
                        "$setOnInsert": {"owner_id": owner_id, "track_id": track_id, "day": day},
                    },
                    upsert=True,
                )
                for (track_id, owner_id, day), more in sorted(days.items())
            ],
            session=session,
        )


def _document(play: Play) -> dict[str, Any]:
    return {
        "_id": play.id,
        "track_id": play.track_id,
        "owner_id": play.owner_id,
        "version_id": play.version_id,
        "listener_id": play.listener_id,
        "began_at": play.began_at,
        "heard_seconds": play.heard_seconds,
        "is_counted": play.is_counted,
    }


def _plays() -> AsyncCollection[dict[str, Any]]:
    return PlayDocument.get_pymongo_collection()


def _counts() -> AsyncCollection[dict[str, Any]]:
    return PlayCountDocument.get_pymongo_collection()


def _days() -> AsyncCollection[dict[str, Any]]:
    return DayPlaysDocument.get_pymongo_collection()
