"""The queries of the library, each bound to the owner."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pymongo
from pymongo.asynchronous.collection import AsyncCollection

from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import Session
from domain.library.documents import TrackDocument, VersionDocument
from domain.library.model import Analysis, Asset, AssetKind, Origin, Track, Version, VersionFacts, VersionKind

# Lists are read far more often than anything is written. What the documents have checked when it was written is not
# checked again: that was most of what a list cost.
Raw = Mapping[str, Any]


def to_track(raw: Raw) -> Track:
    return Track(
        id=raw["_id"],
        owner_id=raw["owner_id"],
        title=raw["title"],
        artist=raw["artist"],
        genre=raw["genre"],
        created_at=raw["created_at"],
        current=_facts(raw["current"], raw["current"]["id"], raw["_id"]),
    )


def to_version(raw: Raw) -> Version:
    assets = tuple(Asset(**{**part, "kind": AssetKind(part["kind"])}) for part in raw["assets"])
    return Version(**vars(_facts(raw, raw["_id"], raw["track_id"])), assets=assets)


def _facts(raw: Raw, version_id: str, track_id: str) -> VersionFacts:
    return VersionFacts(
        id=version_id,
        track_id=track_id,
        created_at=raw["created_at"],
        duration_seconds=raw["duration_seconds"],
        bpm=raw["bpm"],
        key=raw["key"],
        meter=raw["meter"],
        origin=_origin(raw["origin"]),
        analysis=Analysis(**raw["analysis"]),
    )


def _origin(raw: Raw) -> Origin:
    """One that does not say its kind is from before there was another."""
    return Origin(**{**raw, "kind": VersionKind(raw.get("kind", VersionKind.GENERATED))})


class LibraryStore:
    """Tracks and versions of one owner at a time."""

    async def insert(self, track: Track, version: Version, session: Session) -> None:
        tracked = {**asdict(track), "current_version_id": track.current_version_id}
        await TrackDocument.model_validate(tracked).insert(session=session)
        fields: dict[str, Any] = {**asdict(version), "owner_id": track.owner_id}
        await VersionDocument.model_validate(fields).insert(session=session)

    async def find_track(self, owner_id: str, track_id: str) -> Track | None:
        raw = await _tracks().find_one({"_id": track_id, "owner_id": owner_id})
        return None if raw is None else to_track(raw)

    async def page_tracks(self, owner_id: str, page: PageRequest) -> Page[Track]:
        query: dict[str, Any] = {"owner_id": owner_id}
        if page.after is not None:
            query["_id"] = {"$lt": page.after}
        found = await _tracks().find(query).sort("_id", pymongo.DESCENDING).limit(page.first + 1).to_list()
        return Page.cut([to_track(raw) for raw in found], page)

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
        cursor = await _versions().aggregate(pipeline)
        return {group["_id"]: Page.cut([to_version(raw) for raw in group["found"]], page) async for group in cursor}

    async def find_tracks(self, owner_id: str, track_ids: Sequence[str]) -> dict[str, Track]:
        query = {"_id": {"$in": list(track_ids)}, "owner_id": owner_id}
        return {raw["_id"]: to_track(raw) for raw in await _tracks().find(query).to_list()}

    async def find_versions(self, owner_id: str, version_ids: Sequence[str]) -> dict[str, Version]:
        query = {"_id": {"$in": list(version_ids)}, "owner_id": owner_id}
        return {raw["_id"]: to_version(raw) for raw in await _versions().find(query).to_list()}

    async def dump(self, owner_id: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """All tracks and all versions, as they lie there."""
        query = {"owner_id": owner_id}
        tracks = await _tracks().find(query).sort("_id").to_list()
        ids = [track["_id"] for track in tracks]
        versions = await _versions().find({**query, "track_id": {"$in": ids}}).to_list()
        return tracks, versions

    async def erase(self, owner_id: str) -> None:
        """Tracks go last: as long as they are there, their versions can be found."""
        tracks, _ = await self.dump(owner_id)
        ids = [track["_id"] for track in tracks]
        await _versions().delete_many({"owner_id": owner_id, "track_id": {"$in": ids}})
        await _tracks().delete_many({"owner_id": owner_id})


def _tracks() -> AsyncCollection[dict[str, Any]]:
    return TrackDocument.get_pymongo_collection()


def _versions() -> AsyncCollection[dict[str, Any]]:
    return VersionDocument.get_pymongo_collection()
