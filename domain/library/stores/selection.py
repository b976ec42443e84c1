"""Which tracks of one owner a wish means, by their ids alone."""

from collections.abc import Sequence
from typing import Any

from domain.library.documents import TrackDocument
from domain.library.listing import TrackFilter
from domain.library.stores.library import LIVE
from domain.library.stores.listing import fitting
from domain.library.stores.trash import IN_TRASH


class SelectionStore:
    """Reads ids, and nothing else of the tracks."""

    async def ids(self, owner_id: str, wanted: TrackFilter, in_trash: bool, limit: int) -> Sequence[str]:
        """In the order in which they were made, no more than `limit`."""
        query: dict[str, Any] = {"owner_id": owner_id, **(IN_TRASH if in_trash else LIVE)}
        if wish := fitting(wanted):
            query["$and"] = [wish]
        found = TrackDocument.get_pymongo_collection().find(query, {"_id": True}).sort("_id").limit(limit)
        return [raw["_id"] for raw in await found.to_list()]
