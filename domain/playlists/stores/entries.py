"""The queries of entries, each within one playlist that the caller was allowed to read or to change."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pymongo
from pymongo import UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError

from domain.kit.keyset import SortedPageRequest
from domain.kit.paging import Page
from domain.kit.transactions import DuplicateKey, Session
from domain.playlists.documents import EntryDocument
from domain.playlists.model import Entry
from domain.playlists.ranks import fresh_ranks

Raw = Mapping[str, Any]


class EntryStore:
    """Entries in the order of their ranks."""

    async def pages(self, playlist_ids: Sequence[str], page: SortedPageRequest) -> dict[str, Page[Entry]]:
        """The same page of each playlist in one query, which reads no more entries than it gives."""
        first, *others = [_steps(playlist_id, page) for playlist_id in playlist_ids]
        unions = [{"$unionWith": {"coll": EntryDocument.Settings.name, "pipeline": steps}} for steps in others]
        found: dict[str, list[Entry]] = {playlist_id: [] for playlist_id in playlist_ids}
        async for raw in await _entries().aggregate([*first, *unions]):
            found[raw["playlist_id"]].append(_to_entry(raw))
        return {playlist_id: Page.cut(entries, page) for playlist_id, entries in found.items()}

    async def find(self, entry_ids: Sequence[str], session: Session | None = None) -> Sequence[Entry]:
        """Of whatever playlists: who asks has to look at those as well."""
        found = await _entries().find({"_id": {"$in": list(entry_ids)}}, session=session).to_list()
        return [_to_entry(raw) for raw in found]

    async def tracks_among(self, playlist_id: str, track_ids: Sequence[str], session: Session) -> set[str]:
        """Which of these tracks stand in the playlist already."""
        query = {"playlist_id": playlist_id, "track_id": {"$in": list(track_ids)}}
        found = await _entries().find(query, {"track_id": True}, session=session).to_list()
        return {raw["track_id"] for raw in found}

    async def neighbours(
        self, playlist_id: str, after: Entry | None, at_start: bool, session: Session | None = None
    ) -> tuple[str | None, str | None]:
        """The ranks between which something comes: behind an entry, at the start, or else at the end."""
        query: dict[str, Any] = {"playlist_id": playlist_id}
        if after is None and not at_start:
            return await self._outermost(query, pymongo.DESCENDING, session), None
        if after is not None:
            query["rank"] = {"$gt": after.rank}
        return None if after is None else after.rank, await self._outermost(query, pymongo.ASCENDING, session)

    async def insert(self, entries: Sequence[Entry], session: Session) -> None:
        await _entries().insert_many([_record(entry) for entry in entries], session=session)

    async def move(self, entry: Entry, rank: str) -> bool:
        """One write; raises `DuplicateKey` when another entry has come to this very place."""
        query = {"_id": entry.id, "playlist_id": entry.playlist_id}
        try:
            return bool((await _entries().update_one(query, {"$set": {"rank": rank}})).matched_count)
        except DuplicateKeyError as error:
            raise DuplicateKey() from error

    async def remove(self, playlist_id: str, entry_ids: Sequence[str], session: Session) -> int:
        query = {"_id": {"$in": list(entry_ids)}, "playlist_id": playlist_id}
        return int((await _entries().delete_many(query, session=session)).deleted_count)

    async def renumber(self, playlist_id: str, session: Session) -> None:
        """Short ranks for all, in the order that they have. Two steps, because no two may be the same on the way."""
        found = (
            await _entries().find({"playlist_id": playlist_id}, {"_id": True}, session=session).sort("rank").to_list()
        )
        for mark in ("~", ""):
            updates = [
                UpdateOne({"_id": raw["_id"]}, {"$set": {"rank": mark + rank}})
                for raw, rank in zip(found, fresh_ranks(len(found)), strict=True)
            ]
            if updates:
                await _entries().bulk_write(updates, session=session)

    async def remove_all(self, playlist_ids: Sequence[str], session: Session | None = None) -> None:
        await _entries().delete_many({"playlist_id": {"$in": list(playlist_ids)}}, session=session)

    async def of_track(self, track_id: str, session: Session) -> Counter[str]:
        """How often a track stands in which playlists."""
        found = await _entries().find({"track_id": track_id}, {"playlist_id": True}, session=session).to_list()
        return Counter(raw["playlist_id"] for raw in found)

    async def forget_track(self, track_id: str, session: Session) -> None:
        await _entries().delete_many({"track_id": track_id}, session=session)

    async def dump(self, account_id: str) -> list[dict[str, Any]]:
        """All that a person has added, to whatever playlist."""
        return await _entries().find({"added_by": account_id}).sort([("playlist_id", 1), ("rank", 1)]).to_list()

    async def disown(self, account_id: str, pseudonym: str) -> None:
        """What a person who is gone has added to others' playlists stays, and nobody can tell whose it was."""
        await _entries().update_many({"added_by": account_id}, {"$set": {"added_by": pseudonym}})

    @staticmethod
    async def _outermost(query: dict[str, Any], direction: int, session: Session | None) -> str | None:
        raw = await _entries().find_one(query, {"rank": True}, sort=[("rank", direction)], session=session)
        return None if raw is None else str(raw["rank"])


def _steps(playlist_id: str, page: SortedPageRequest) -> list[dict[str, Any]]:
    query: dict[str, Any] = {"playlist_id": playlist_id}
    if page.after is not None:
        query["rank"] = {"$gt": page.after.key}
    return [{"$match": query}, {"$sort": {"rank": pymongo.ASCENDING}}, {"$limit": page.first + 1}]


def _to_entry(raw: Raw) -> Entry:
    return Entry(raw["_id"], raw["playlist_id"], raw["rank"], raw["track_id"], raw["added_by"], raw["added_at"])


def _record(entry: Entry) -> dict[str, Any]:
    return {
        "_id": entry.id,
        "playlist_id": entry.playlist_id,
        "rank": entry.rank,
        "track_id": entry.track_id,
        "added_by": entry.added_by,
        "added_at": entry.added_at,
    }


def _entries() -> AsyncCollection[dict[str, Any]]:
    return EntryDocument.get_pymongo_collection()
