"""What a library holds as a whole: which artists and genres, and any of its tracks. Each query of one owner."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pymongo
from bson.max_key import MaxKey
from bson.min_key import MinKey

from domain.kit.keyset import Order
from domain.library.documents import TrackDocument
from domain.library.listed import ListedTrack
from domain.library.listing import NEWEST_FIRST, TrackFilter
from domain.library.model import Shelf
from domain.library.places import Entry, ListPlaces
from domain.library.stores.library import LIVE
from domain.library.stores.listing import field_of, fitting, order_index
from domain.library.stores.reading import LISTED
from domain.library.stores.sorting import sort_of

INDEX = "by_artist"
NEWEST_OF_ARTIST = "artist_by_age"
DRAW = "by_lot"
# To ask for `trashed_at: null` would read every track, because an index does not tell null from nothing; who asks for
# what is no date need not know.
KEPT: Mapping[str, Any] = {"trashed_at": {"$not": {"$gt": datetime.min}}}


class CatalogueStore:
    """Without those in the trash. What lies before a page by number is passed over once, as long as `places` know."""

    def __init__(self, places: ListPlaces) -> None:
        self._places = places

    async def names(self, owner_id: str, field: str, most: int) -> Sequence[str]:
        """The names in this field, `artist` or `genre`, in order of their code points.

        They are read from an index alone, and so may be names of what is in the trash.
        """
        steps: list[dict[str, Any]] = [
            {"$match": {"owner_id": owner_id}},
            {"$group": {"_id": f"${field}"}},
            {"$sort": {"_id": 1}},
            {"$limit": most},
        ]
        return [raw["_id"] async for raw in await _tracks().aggregate(steps, hint=INDEX)]

    async def shelves(self, owner_id: str, field: str, most: int, only: Sequence[str] | None = None) -> Sequence[Shelf]:
        """What stands under these names or, without `only`, under all of them; again from an index alone."""
        wanted: Mapping[str, Any] = {} if only is None else {field: {"$in": list(only)}}
        steps: list[dict[str, Any]] = [
            {"$match": {"owner_id": owner_id, **KEPT, **wanted}},
            {"$group": {"_id": f"${field}", "tracks": {"$sum": 1}, "latest": {"$max": "$_id"}}},
            {"$sort": {"_id": 1}},
            {"$limit": most},
        ]
        found = await _tracks().aggregate(steps, hint=INDEX)
        return [Shelf(raw["_id"], raw["tracks"], raw["latest"]) async for raw in found]

    async def in_order(self, owner_id: str, order: Order, skip: int, limit: int) -> Sequence[str]:
        """Ids; what is passed over is passed over in the index of the order, and no track is read.

        The ends of the range are told instead of asked for, which finds null and nothing alike.
        """
        field, direction = field_of(order), sort_of(order, field_of(order))
        places = self._places.of(owner_id, order.name)
        known, place = places.before(skip)
        least, most = _end(owner_id, field, MinKey()), _end(owner_id, field, MaxKey())
        if place is not None and order.is_descending:
            most = _entry(owner_id, field, place)
        elif place is not None:
            # the first end is part of the range, the other is not
            least, known = _entry(owner_id, field, place), known - 1
        found = (
            _tracks()
            .find({}, {"_id": True, field: True}, hint=order_index(order))
            .min(least)
            .max(most)
            .sort([("owner_id", direction[0][1]), ("trashed_at", direction[0][1]), *direction])
        )
        rows = await found.skip(skip - known).limit(limit).batch_size(limit).to_list()
        if rows:
            places.put(skip + len(rows), rows[-1])
        return [raw["_id"] for raw in rows]

    async def by_artist(self, owner_id: str, skip: int, limit: int) -> Sequence[str]:
        """Ids by artist, then by genre and age, from the index alone."""
        found = _tracks().find({"owner_id": owner_id, **KEPT}, {"_id": True}, hint=INDEX)
        ordered = found.sort([(name, pymongo.ASCENDING) for name in ("artist", "genre", "trashed_at", "_id")])
        return [raw["_id"] for raw in await ordered.skip(skip).limit(limit).batch_size(limit).to_list()]

    async def of_artist(self, owner_id: str, name: str, most: int) -> Sequence[ListedTrack]:
        """The newest first."""
        found = _tracks().find({"owner_id": owner_id, "artist": name, **LIVE}, LISTED.sent, hint=NEWEST_OF_ARTIST)
        newest = found.sort(sort_of(NEWEST_FIRST, field_of(NEWEST_FIRST))).limit(most)
        return [LISTED.make(raw) for raw in await newest.batch_size(most).to_list()]

    async def in_lots(self, owner_id: str, wanted: TrackFilter, lots: Sequence[int]) -> Sequence[str]:
        """The ids in these lots; genres and times are told by the index alone."""
        query = {"owner_id": owner_id, "facets.lot": {"$in": list(lots)}, **KEPT, **fitting(wanted)}
        return [raw["_id"] for raw in await _tracks().find(query, {"_id": True}, hint=DRAW).to_list()]


def _end(owner_id: str, field: str, end: MinKey | MaxKey) -> list[tuple[str, Any]]:
    return [("owner_id", owner_id), ("trashed_at", None), (field, end), ("_id", end)]


def _entry(owner_id: str, field: str, place: Entry) -> list[tuple[str, Any]]:
    key: Any = place
    for part in field.split("."):
        key = key[part]
    return [("owner_id", owner_id), ("trashed_at", None), (field, key), ("_id", place["_id"])]


def _tracks() -> Any:
    return TrackDocument.get_pymongo_collection()
