"""Reading tracks and versions, adding them, and changing what a person says of a track. Each bound to the owner."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from pymongo import ReturnDocument, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.cursor import AsyncCursor

from domain.kit.changes import Changes
from domain.kit.keyset import Order, SortedPageRequest
from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import Session
from domain.library.documents import TrackDocument, VersionDocument
from domain.library.editing import with_current
from domain.library.listing import TrackFilter
from domain.library.model import FIRST_REVISION, Track, Version
from domain.library.recording import NewVersion
from domain.library.stores.listing import WORDS, beginning, field_of, fitting, index_for, is_search_alone
from domain.library.stores.looking import Narrowing, rarest
from domain.library.stores.reading import WHOLE, Form
from domain.library.stores.records import to_track, to_version, track_record
from domain.library.stores.searching import along_order, is_in_order
from domain.library.stores.sorting import behind, sort_of

CHANGEABLE = {
    "title",
    "artist",
    "genre",
    "description",
    "tags",
    "lyrics",
    "own_cover",
    "revision",
    "updated_at",
    "current_version_id",
    "current",
    "facets",
    "sharing",
}

# Not in the trash; a track from before there was one says nothing of it.
LIVE: Mapping[str, Any] = {"trashed_at": None}

T = TypeVar("T")


class LibraryStore:
    """Tracks and versions of one owner at a time, without those in the trash. Each write is noted in `changes`."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    async def insert(self, track: Track, version: Version, session: Session) -> None:
        await self._changes.note(track.owner_id, session)
        await track_record(track).insert(session=session)
        await _insert_version(version, track.owner_id, session)

    async def join(self, made: NewVersion, now: datetime, session: Session) -> bool:
        """One more version of a track; False when the track is not there, or in the trash.

        The track is written first: whoever moves it into the trash meanwhile makes one of the two transactions begin
        again, so that no version is left behind outside.
        """
        raw = await _tracks().find_one_and_update(
            {"_id": made.version.track_id, "owner_id": made.owner_id, **LIVE},
            [{"$set": {"version_count": {"$add": [{"$ifNull": ["$version_count", 1]}, 1]}}}],
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        if raw is None:
            return False
        await self._changes.note(made.owner_id, session)
        await _insert_version(made.version, made.owner_id, session)
        if made.plays_in(track := to_track(raw)):
            await self.save(with_current(track, made.version, now), session)
        return True

    async def find_track(self, owner_id: str, track_id: str, session: Session | None = None) -> Track | None:
        raw = await _tracks().find_one({"_id": track_id, "owner_id": owner_id, **LIVE}, session=session)
        return None if raw is None else to_track(raw)

    async def save(self, changed: Track, session: Session | None = None) -> Track | None:
        """Writes a track that is one revision ahead of what lies there; None when that is not so any more."""
        raw = await _tracks().find_one_and_update(
            _one_behind(changed),
            {"$set": _changeable(changed)},
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        await self._changes.note(changed.owner_id, session)
        return None if raw is None else to_track(raw)

    async def save_all(self, changed: Sequence[Track], session: Session) -> None:
        """Writes tracks that are one revision ahead of what the transaction has read of them."""
        if changed:
            updates = [UpdateOne(_one_behind(track), {"$set": _changeable(track)}) for track in changed]
            await _tracks().bulk_write(updates, ordered=False, session=session)
            for owner_id in {track.owner_id for track in changed}:
                await self._changes.note(owner_id, session)

    async def page_tracks(self, owner_id: str, page: SortedPageRequest, wanted: TrackFilter) -> Page[Track]:
        """One query, and for a search some looks at the index of its words."""
        beyond = behind(page, field_of(page.order))
        return Page.cut(await self._found(owner_id, page.order, wanted, beyond, 0, page.first + 1, WHOLE), page)

    async def slice_tracks(
        self, owner_id: str, order: Order, wanted: TrackFilter, skip: int, limit: int, form: Form[T]
    ) -> Sequence[T]:
        """As `page_tracks`, for who counts tracks instead of remembering a place; the further, the slower."""
        return await self._found(owner_id, order, wanted, {}, skip, limit, form)

    async def _found(
        self,
        owner_id: str,
        order: Order,
        wanted: TrackFilter,
        beyond: dict[str, Any],
        skip: int,
        limit: int,
        form: Form[T],
    ) -> list[T]:
        rows: Sequence[dict[str, Any]] | None = None
        if is_in_order(order) and is_search_alone(wanted):
            rows = await along_order(owner_id, order, wanted.words, {**LIVE, **beyond}, skip, limit, form.sent)
        if rows is None:
            found = await self._finding(owner_id, order, wanted, beyond, form.sent)
            # all of them at once, where the usual first batch holds a hundred
            rows = await found.skip(skip).limit(limit).batch_size(limit).to_list()
        return [form.make(raw) for raw in rows]

    async def _finding(
        self, owner_id: str, order: Order, wanted: TrackFilter, beyond: dict[str, Any], sent: Mapping[str, bool]
    ) -> AsyncCursor[dict[str, Any]]:
        field = field_of(order)
        rare = await rarest(owner_id, (Narrowing(WORDS, beginning(word)) for word in wanted.words))
        index = index_for(order, wanted, rare is not None)
        parts = [part for part in (fitting(wanted, None if rare is None else rare.query), beyond) if part]
        query = {"owner_id": owner_id, **LIVE, **({"$and": parts} if parts else {})}
        return _tracks().find(query, sent, hint=index).sort(sort_of(order, field))

    async def page_versions(
        self, owner_id: str, track_ids: Sequence[str], page: PageRequest
    ) -> dict[str, Page[Version]]:
        """The same page of each track's versions; a track without any is left out. Those in the trash show theirs."""
        query: dict[str, Any] = {"owner_id": owner_id, "track_id": {"$in": list(track_ids)}}
        if page.after is not None:
            query["_id"] = {"$lt": page.after}
        pipeline: list[dict[str, Any]] = [
            {"$match": query},
            {"$sort": {"track_id": 1, "_id": -1}},
            {"$group": {"_id": "$track_id", "found": {"$firstN": {"input": "$$ROOT", "n": page.first + 1}}}},
        ]
        cursor = await _versions().aggregate(pipeline)
        return {group["_id"]: Page.cut([to_version(raw) for raw in group["found"]], page) async for group in cursor}

    async def find_tracks(
        self, owner_id: str, track_ids: Sequence[str], session: Session | None = None
    ) -> dict[str, Track]:
        return await self.find_as(WHOLE, owner_id, track_ids, session)

    async def find_as(
        self, form: Form[T], owner_id: str, track_ids: Sequence[str], session: Session | None = None
    ) -> dict[str, T]:
        query = {"_id": {"$in": list(track_ids)}, "owner_id": owner_id, **LIVE}
        found = _tracks().find(query, form.sent, session=session).batch_size(len(track_ids) + 1)
        return {raw["_id"]: form.make(raw) for raw in await found.to_list()}

    async def find_versions(
        self, owner_id: str, version_ids: Sequence[str], session: Session | None = None
    ) -> dict[str, Version]:
        query = {"_id": {"$in": list(version_ids)}, "owner_id": owner_id, "is_trashed": {"$ne": True}}
        return {raw["_id"]: to_version(raw) for raw in await _versions().find(query, session=session).to_list()}

    async def hold(self, owner_id: str, track_id: str, now: datetime, session: Session) -> Track | None:
        """A track that stays out of the trash until the transaction ends: it is written, so one of the two waits."""
        raw = await _tracks().find_one_and_update(
            {"_id": track_id, "owner_id": owner_id, **LIVE}, {"$set": {"branched_at": now}}, session=session
        )
        return None if raw is None else to_track(raw)

    async def dump(self, owner_id: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """All tracks and all versions, as they lie there, and also those in the trash."""
        query = {"owner_id": owner_id}
        tracks = await _tracks().find(query, {"facets": False, "sharing.link": False}).sort("_id").to_list()
        ids = [track["_id"] for track in tracks]
        versions = await _versions().find({**query, "track_id": {"$in": ids}}).to_list()
        return tracks, versions

    async def erase(self, owner_id: str) -> None:
        """Tracks go last: as long as they are there, their versions can be found."""
        tracks, _ = await self.dump(owner_id)
        ids = [track["_id"] for track in tracks]
        await _versions().delete_many({"owner_id": owner_id, "track_id": {"$in": ids}})
        await _tracks().delete_many({"owner_id": owner_id})
        await self._changes.note(owner_id)


def _one_behind(changed: Track) -> dict[str, Any]:
    return {"_id": changed.id, "owner_id": changed.owner_id, "revision": _before(changed.revision), **LIVE}


def _changeable(changed: Track) -> dict[str, Any]:
    fields: dict[str, Any] = track_record(changed).model_dump(include=CHANGEABLE)
    return fields


def _before(revision: int) -> dict[str, list[int | None]]:
    """A track from before there were revisions has none, and counts as never changed."""
    return {"$in": [FIRST_REVISION, None] if revision == FIRST_REVISION + 1 else [revision - 1]}


async def _insert_version(version: Version, owner_id: str, session: Session) -> None:
    fields: dict[str, Any] = {**asdict(version), "owner_id": owner_id}
    await VersionDocument.model_validate(fields).insert(session=session)


def _tracks() -> AsyncCollection[dict[str, Any]]:
    return TrackDocument.get_pymongo_collection()


def _versions() -> AsyncCollection[dict[str, Any]]:
    return VersionDocument.get_pymongo_collection()
