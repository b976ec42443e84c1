"""The queries of recognition."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection

from domain.kit.transactions import Session
from domain.library.model import Version
from domain.recognition.documents import LikenessDocument, RecordingDocument, TurnDocument
from domain.recognition.matching import FEWEST_SHARED, Fit
from domain.recognition.model import Duplicate, Likeness, Recorded

MOST_CANDIDATES = 20
# Of a recording that thousands have brought, some of them are enough.
MOST_LOOKED_AT = 1_000
MOST_DUPLICATES = 20


class RecognitionStore:
    """People are told of likenesses between their own tracks only."""

    async def take_turn(self, owner_id: str, session: Session) -> None:
        """Of two transactions that compare for one owner at once, one is repeated, and then sees the other."""
        turn = {"$inc": {"compared": 1}}
        await TurnDocument.get_pymongo_collection().update_one({"_id": owner_id}, turn, upsert=True, session=session)

    async def insert(self, recorded: Recorded, session: Session) -> None:
        fields = asdict(recorded)
        await RecordingDocument.model_validate({"id": fields.pop("version_id"), **fields}).insert(session=session)

    async def copy(self, version_id: str, branch: Version, session: Session) -> None:
        """A branch is the same recording. It is known as such, and no likeness that anybody needs to be told of."""
        raw = await _recordings().find_one({"_id": version_id}, session=session)
        if raw is not None:
            copy = {**raw, "_id": branch.id, "track_id": branch.track_id}
            await _recordings().insert_one(copy, session=session)

    async def of_track(self, owner_id: str, track_id: str, session: Session) -> Sequence[Recorded]:
        found = _recordings().find({"owner_id": owner_id, "track_id": track_id}, session=session)
        return [_to_recorded(raw) for raw in await found.to_list()]

    async def candidates(self, recorded: Recorded, session: Session) -> Sequence[Recorded]:
        """Recordings of other tracks that may be the same, those of the same owner first."""
        own = await self._alike(recorded, {"owner_id": recorded.owner_id}, session)
        return [*own, *await self._alike(recorded, {"owner_id": {"$ne": recorded.owner_id}}, session)]

    async def _alike(self, recorded: Recorded, whose: dict[str, Any], session: Session) -> Sequence[Recorded]:
        """By the file, and by as many keys as possible."""
        others = {**whose, "track_id": {"$ne": recorded.track_id}}
        found: dict[str, Recorded] = {}
        if recorded.original_sha256 is not None:
            query = {"original_sha256": recorded.original_sha256, **others}
            same = await _recordings().find(query, session=session).limit(MOST_CANDIDATES).to_list()
            found = {raw["_id"]: _to_recorded(raw) for raw in same}
        keys = list(recorded.keys)
        steps: list[dict[str, Any]] = [
            {"$match": {"keys": {"$in": keys}, **others}},
            {"$limit": MOST_LOOKED_AT},
            {"$set": {"shared": {"$size": {"$setIntersection": ["$keys", keys]}}}},
            {"$match": {"shared": {"$gte": FEWEST_SHARED}}},
            {"$sort": {"shared": -1, "_id": 1}},
            {"$limit": MOST_CANDIDATES},
        ]
        async for raw in await _recordings().aggregate(steps, session=session, hint="keys"):
            found.setdefault(raw["_id"], _to_recorded(raw))
        return list(found.values())

    async def note(self, likenesses: Sequence[Likeness], session: Session) -> None:
        if likenesses:
            await LikenessDocument.insert_many([_record(each) for each in likenesses], session=session)

    async def fingerprints(self, owner_id: str, version_ids: Sequence[str]) -> dict[str, str]:
        query = {"_id": {"$in": list(version_ids)}, "owner_id": owner_id}
        found = await _recordings().find(query, {"fingerprint": True}).to_list()
        return {raw["_id"]: raw["fingerprint"] for raw in found}

    async def duplicates(self, owner_id: str, track_ids: Sequence[str]) -> dict[str, list[Duplicate]]:
        """By track, the likest first. Another track stands there once, however many versions of the two are alike."""
        ids = {"$in": list(track_ids)}
        own = {"owner_id": owner_id, "other_owner_id": owner_id}
        found = await _likenesses().find({**own, "$or": [{"track_id": ids}, {"other_track_id": ids}]}).to_list()
        duplicates: dict[str, list[Duplicate]] = {track_id: [] for track_id in track_ids}
        for raw in sorted(found, key=lambda each: -each["similarity"]):
            for duplicate, track_id in (_from_newer(raw), _from_older(raw)):
                told = duplicates.get(track_id, [])
                is_told = any(known.track_id == duplicate.track_id for known in told)
                if not is_told and len(told) < MOST_DUPLICATES:
                    told.append(duplicate)
        return duplicates

    async def dump(self, owner_id: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Recordings, and likenesses between them."""
        recordings = await _recordings().find({"owner_id": owner_id}).sort("_id").to_list()
        own = {"owner_id": owner_id, "other_owner_id": owner_id}
        return recordings, await _likenesses().find(own).sort("_id").to_list()

    async def forget(self, track_id: str) -> None:
        await _likenesses().delete_many({"$or": [{"track_id": track_id}, {"other_track_id": track_id}]})
        await _recordings().delete_many({"track_id": track_id})

    async def erase(self, owner_id: str) -> None:
        await _likenesses().delete_many({"$or": [{"owner_id": owner_id}, {"other_owner_id": owner_id}]})
        await _recordings().delete_many({"owner_id": owner_id})
        await TurnDocument.get_pymongo_collection().delete_one({"_id": owner_id})


def _to_recorded(raw: dict[str, Any]) -> Recorded:
    return Recorded(
        version_id=raw["_id"],
        track_id=raw["track_id"],
        owner_id=raw["owner_id"],
        duration_seconds=raw["duration_seconds"],
        fingerprint=raw["fingerprint"],
        keys=tuple(raw["keys"]),
        original_sha256=raw["original_sha256"],
    )


def _record(likeness: Likeness) -> LikenessDocument:
    newer, older = likeness.newer, likeness.older
    return LikenessDocument(
        id=f"{newer.version_id}-{older.version_id}",
        version_id=newer.version_id,
        track_id=newer.track_id,
        owner_id=newer.owner_id,
        other_version_id=older.version_id,
        other_track_id=older.track_id,
        other_owner_id=older.owner_id,
        is_same_file=likeness.is_same_file,
        found_at=likeness.found_at,
        **asdict(likeness.fit),
    )


def _from_newer(raw: dict[str, Any]) -> tuple[Duplicate, str]:
    fit = Fit(raw["similarity"], raw["offset_seconds"], raw["overlap_seconds"])
    return Duplicate(raw["other_track_id"], raw["is_same_file"], fit), raw["track_id"]


def _from_older(raw: dict[str, Any]) -> tuple[Duplicate, str]:
    fit = Fit(raw["similarity"], 0.0 - raw["offset_seconds"], raw["overlap_seconds"])
    return Duplicate(raw["track_id"], raw["is_same_file"], fit), raw["other_track_id"]


def _recordings() -> AsyncCollection[dict[str, Any]]:
    return RecordingDocument.get_pymongo_collection()


def _likenesses() -> AsyncCollection[dict[str, Any]]:
    return LikenessDocument.get_pymongo_collection()
