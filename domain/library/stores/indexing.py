"""The queries that keep the facets of tracks up to date."""

from collections.abc import Sequence
from typing import Any

from pymongo import UpdateOne

from domain.library.documents import TrackDocument
from domain.library.facets import FORMAT
from domain.library.stores.records import Raw, facets_record, to_track


class IndexingStore:
    """Tracks of all owners."""

    async def outdated(self, limit: int) -> Sequence[Raw]:
        found: Sequence[Raw] = await _tracks().find({"facets.format": {"$ne": FORMAT}}).limit(limit).to_list()
        return found

    async def write(self, found: Sequence[Raw]) -> int:
        """A track that was changed in the meantime has got its facets with that change."""
        updates = [UpdateOne({"_id": raw["_id"], "revision": raw.get("revision")}, _facets(raw)) for raw in found]
        return int((await _tracks().bulk_write(updates, ordered=False)).matched_count)


def _facets(raw: Raw) -> dict[str, Any]:
    track = to_track(raw)
    return {"$set": {"facets": facets_record(track), "updated_at": track.updated_at}}


def _tracks() -> Any:
    return TrackDocument.get_pymongo_collection()
