"""The queries of the library, each bound to the owner."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import Session
from domain.library.documents import TrackDocument, VersionDocument
from domain.library.model import Analysis, Asset, Origin, Track, Version


def to_track(record: TrackDocument) -> Track:
    return Track(**record.model_dump(exclude={"revision_id"}))


def to_version(record: VersionDocument) -> Version:
    return Version(
        id=record.id,
        track_id=record.track_id,
        created_at=record.created_at,
        duration_seconds=record.duration_seconds,
        bpm=record.bpm,
        key=record.key,
        meter=record.meter,
        origin=Origin(**record.origin.model_dump()),
        analysis=Analysis(**record.analysis.model_dump()),
        assets=tuple(Asset(**part.model_dump()) for part in record.assets),
    )


class LibraryStore:
    """Tracks and versions of one owner at a time."""

    async def insert(self, track: Track, version: Version, session: Session) -> None:
        await TrackDocument.model_validate(asdict(track)).insert(session=session)
        fields: dict[str, Any] = {**asdict(version), "owner_id": track.owner_id}
        await VersionDocument.model_validate(fields).insert(session=session)

    async def find_track(self, owner_id: str, track_id: str) -> Track | None:
        record = await TrackDocument.find_one({"_id": track_id, "owner_id": owner_id})
        return None if record is None else to_track(record)

    async def page_tracks(self, owner_id: str, page: PageRequest) -> Page[Track]:
        query: dict[str, Any] = {"owner_id": owner_id}
        if page.after is not None:
            query["_id"] = {"$lt": page.after}
        found = await TrackDocument.find(query).sort("-_id").limit(page.first + 1).to_list()
        return Page.cut([to_track(record) for record in found], page)

    async def page_versions(
        self, owner_id: str, track_ids: Sequence[str], page: PageRequest
    ) -> dict[str, Page[Version]]:
        """The same page of each track's versions; a track without any is left out."""
        query: dict[str, Any] = {"owner_id": owner_id, "track_id": {"$in": list(track_ids)}}
        if page.after is not None:
            query["_id"] = {"$lt": page.after}
        pipeline: list[dict[str, Any]] = [
            {"$match": query},
            {"$sort": {"track_id": 1, "_id": -1}},
            {"$group": {"_id": "$track_id", "found": {"$firstN": {"input": "$$ROOT", "n": page.first + 1}}}},
        ]
        cursor = await VersionDocument.get_pymongo_collection().aggregate(pipeline)
        return {
            group["_id"]: Page.cut([to_version(VersionDocument.model_validate(raw)) for raw in group["found"]], page)
            async for group in cursor
        }

    async def find_tracks(self, owner_id: str, track_ids: Sequence[str]) -> dict[str, Track]:
        query = {"_id": {"$in": list(track_ids)}, "owner_id": owner_id}
        return {record.id: to_track(record) for record in await TrackDocument.find(query).to_list()}

    async def find_versions(self, owner_id: str, version_ids: Sequence[str]) -> dict[str, Version]:
        query = {"_id": {"$in": list(version_ids)}, "owner_id": owner_id}
        return {record.id: to_version(record) for record in await VersionDocument.find(query).to_list()}

    async def dump(self, owner_id: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """All tracks and all versions, as they lie there."""
        query = {"owner_id": owner_id}
        tracks = await TrackDocument.get_pymongo_collection().find(query).sort("_id").to_list()
        ids = [track["_id"] for track in tracks]
        versions = await VersionDocument.get_pymongo_collection().find({**query, "track_id": {"$in": ids}}).to_list()
        return tracks, versions

    async def erase(self, owner_id: str) -> None:
        """Tracks go last: as long as they are there, their versions can be found."""
        tracks, _ = await self.dump(owner_id)
        ids = [track["_id"] for track in tracks]
        await VersionDocument.get_pymongo_collection().delete_many({"owner_id": owner_id, "track_id": {"$in": ids}})
        await TrackDocument.get_pymongo_collection().delete_many({"owner_id": owner_id})
