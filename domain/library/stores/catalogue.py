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

    async def shelves(self, owner_id: str, field: str, most: int) -> Sequence[Shelf]:
        """The names in this field, `artist` or `genre`, in order of their code points; read from an index alone."""
        steps: list[dict[str, Any]] = [
            {"$match": {"owner_id": owner_id, **LIVE}},
            {"$group": {"_id": f"${field}", "tracks": {"$sum": 1}, "latest": {"$max": "$_id"}}},
            {"$sort": {"_id": 1}},
            {"$limit": most},
        ]
        found = await _tracks().aggregate(steps, hint=INDEX)
        return [Shelf(raw["_id"], raw["tracks"], raw["latest"]) async for raw in found]

    async def by_artist(self, owner_id: str, skip: int, limit: int) -> Sequence[str]:
        """Ids by artist, then by genre and age; a part of the index."""
        query: Mapping[str, Any] = {"owner_id": owner_id, **LIVE}
        order = [("artist", 1), ("genre", 1), ("_id", 1)]
        found = _tracks().find(query, {"_id": True}, hint=INDEX).sort(order).skip(skip).limit(limit)
        return [raw["_id"] for raw in await found.to_list()]

    async def sample(self, owner_id: str, wanted: TrackFilter, size: int) -> Sequence[str]:
        """The ids of so many tracks, chosen by chance."""
        query: Mapping[str, Any] = {"owner_id": owner_id, **LIVE, **fitting(wanted)}
        steps: list[dict[str, Any]] = [{"$match": query}, {"$project": {"_id": True}}, {"$sample": {"size": size}}]
        return [raw["_id"] async for raw in await _tracks().aggregate(steps)]


def _tracks() -> Any:
    return TrackDocument.get_pymongo_collection()
