"""What a library holds as a whole: which artists and genres, and any of its tracks. Each query of one owner."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.library.documents import TrackDocument
from domain.library.listing import TrackFilter
from domain.library.model import Shelf
from domain.library.stores.library import LIVE
from domain.library.stores.listing import fitting

INDEX = "by_artist"


class CatalogueStore:
    """Without those in the trash."""

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
        """What stands under these names or, without `only`, under all of them; again from an index alone.

        To ask for `trashed_at: null` would read every track, because an index does not tell null from nothing.
        """
        wanted: Mapping[str, Any] = {} if only is None else {field: {"$in": list(only)}}
        key = {"name": f"${field}", "is_trashed": {"$gt": ["$trashed_at", None]}}
        steps: list[dict[str, Any]] = [
            {"$match": {"owner_id": owner_id, **wanted}},
            {"$group": {"_id": key, "tracks": {"$sum": 1}, "latest": {"$max": "$_id"}}},
            {"$match": {"_id.is_trashed": False}},
            {"$sort": {"_id.name": 1}},
            {"$limit": most},
        ]
        found = await _tracks().aggregate(steps, hint=INDEX)
        return [Shelf(raw["_id"]["name"], raw["tracks"], raw["latest"]) async for raw in found]

    async def by_artist(self, owner_id: str, skip: int, limit: int) -> Sequence[str]:
        """Ids by artist, then by genre and age; a part of the index."""
        query: Mapping[str, Any] = {"owner_id": owner_id, **LIVE}
        order = [("artist", 1), ("genre", 1), ("trashed_at", 1), ("_id", 1)]
        found = _tracks().find(query, {"_id": True}, hint=INDEX).sort(order).skip(skip).limit(limit)
        return [raw["_id"] for raw in await found.to_list()]

    async def sample(self, owner_id: str, wanted: TrackFilter, size: int) -> Sequence[str]:
        """The ids of so many tracks, chosen by chance."""
        query: Mapping[str, Any] = {"owner_id": owner_id, **LIVE, **fitting(wanted)}
        steps: list[dict[str, Any]] = [{"$match": query}, {"$project": {"_id": True}}, {"$sample": {"size": size}}]
        return [raw["_id"] async for raw in await _tracks().aggregate(steps)]


def _tracks() -> Any:
    return TrackDocument.get_pymongo_collection()
