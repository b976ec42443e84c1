"""What moderators may act on: tracks that are shared, or were. They are shown the last that listeners saw."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pymongo import ReturnDocument

from domain.kit.changes import Changes
from domain.kit.transactions import Session
from domain.library.documents import LastSharedPart, TrackDocument, VersionDocument
from domain.library.model import TakeDown, Track, Visibility
from domain.library.sharing import is_open
from domain.library.stores.records import Raw, to_track
from domain.library.stores.trash import NEXT_REVISION

VISIBLE: Mapping[str, Any] = {"sharing.visibility": {"$in": [Visibility.UNLISTED.value, Visibility.PUBLIC.value]}}
WAS_SHARED: Mapping[str, Any] = {"$or": [VISIBLE, {"last_shared": {"$type": "object"}}]}
TAKEN_DOWN: Mapping[str, Any] = {"sharing.taken_down": {"$type": "object"}}
WITH_ANOTHER: Mapping[str, Any] = {"sharing.taken_down.with_track_id": {"$type": "string"}}
NOT_BY_ITSELF: Mapping[str, Any] = {"$or": [{"sharing.taken_down": None}, WITH_ANOTHER]}
_IS_OPEN = {
    "$and": [
        {"$in": ["$sharing.visibility", list(VISIBLE["sharing.visibility"]["$in"])]},
        {"$eq": [{"$ifNull": ["$sharing.taken_down", None]}, None]},
    ]
}
# What lies in a track, as it is now.
_SEEN_NOW = {name: f"${name}" for name in LastSharedPart.model_fields}


class ModerationStore:
    """Tracks of all owners. What was never shared is not found, but for what has its sound of one that was.

    What changes for their owners is noted in `changes`.
    """

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    async def take_down(self, track_id: str, taken_down: TakeDown, session: Session) -> Track | None:
        """None when it was never shared with anybody, or was taken down before by itself.

        Also in the trash: nobody hears it there, but restoring would open it again.
        """
        wanted = {"_id": track_id, "doomed_at": None, "$and": [WAS_SHARED, NOT_BY_ITSELF]}
        return _as_shared(await self._moderate(wanted, taken_down, session))

    async def reinstate(self, track_id: str, session: Session) -> Track | None:
        """None when it was not taken down."""
        return _as_shared(await self._moderate({"_id": track_id, **TAKEN_DOWN}, None, session))

    async def find_taken_down(self, track_id: str) -> Track | None:
        return _as_shared(await _tracks().find_one({"_id": track_id, **TAKEN_DOWN}))

    async def keep_shared(self, track: Track, session: Session) -> None:
        """Before an open track is closed: what listeners see of it now is the last that they saw."""
        query = {"_id": track.id, "owner_id": track.owner_id}
        await _tracks().update_one(query, [{"$set": {"last_shared": _SEEN_NOW}}], session=session)

    async def hand_down(self, track: Track, branch: Track, session: Session) -> None:
        """A branch of what was taken down shows moderators what listeners saw of its origin."""
        raw = await _tracks().find_one(
            {"_id": track.id, "owner_id": track.owner_id}, {"last_shared": 1}, session=session
        )
        known = None if raw is None else raw.get("last_shared")
        query = {"_id": branch.id, "owner_id": branch.owner_id}
        await _tracks().update_one(query, {"$set": {"last_shared": known}}, session=session)

    async def reach(
        self, track: Track, taken_down: TakeDown, session: Session, among: Sequence[str] | None = None
    ) -> int:
        """Takes down with a track what else of its owner has one of its recordings; tells how many tracks those are.

        All of them, or of these only. What was never shared shows moderators what listeners saw of the track.
        """
        others = await self._with_recordings_of(track.owner_id, [track.id], session)
        wanted = {
            "_id": {"$in": [each for each in others if among is None or each in among]},
            "owner_id": track.owner_id,
            "sharing.taken_down": None,
        }
        raw = await _tracks().find_one({"_id": track.id}, {"last_shared": True}, session=session)
        of_track = {"$literal": None if raw is None else raw.get("last_shared")}
        last = {"$cond": [_IS_OPEN, _SEEN_NOW, {"$ifNull": ["$last_shared", of_track]}]}
        part = {"$literal": {**asdict(taken_down), "with_track_id": track.id}}
        steps = [{"$set": {"last_shared": last, "sharing.taken_down": part, "revision": NEXT_REVISION}}]
        await self._changes.note(track.owner_id, session)
        return int((await _tracks().update_many(wanted, steps, session=session)).modified_count)

    async def release(self, track: Track, session: Session) -> None:
        """Lifts what was taken down with a track, but for what another takedown reaches as well."""
        wanted = {"owner_id": track.owner_id, "sharing.taken_down.with_track_id": track.id}
        lifted = await _ids(_tracks(), wanted, session)
        steps = [{"$set": {"sharing.taken_down": None, "revision": NEXT_REVISION}}]
        await _tracks().update_many({"_id": {"$in": lifted}, **wanted}, steps, session=session)
        await self._changes.note(track.owner_id, session)
        holders = await self._with_recordings_of(track.owner_id, lifted, session)
        still = {"_id": {"$in": holders}, "owner_id": track.owner_id, **TAKEN_DOWN, "$nor": [WITH_ANOTHER]}
        for raw in await _tracks().find(still, session=session).to_list():
            other = to_track(raw)
            if other.sharing.taken_down is not None:
                await self.reach(other, other.sharing.taken_down, session, lifted)

    async def _with_recordings_of(self, owner_id: str, track_ids: Sequence[str], session: Session) -> Sequence[str]:
        """The owner's other tracks with a version that the same job has made, wherever it was branched to."""
        own = {"owner_id": owner_id, "track_id": {"$in": list(track_ids)}}
        jobs = await _versions().distinct("origin.job_id", own, session=session)
        alike = {"origin.job_id": {"$in": jobs}, "owner_id": owner_id, "track_id": {"$nin": list(track_ids)}}
        found: list[str] = await _versions().distinct("track_id", alike, session=session)
        return found

    async def _moderate(self, query: dict[str, Any], taken_down: TakeDown | None, session: Session) -> Raw | None:
        """One more revision, so that nothing is written over it that has not seen it."""
        last = {"$cond": [_IS_OPEN, _SEEN_NOW, {"$ifNull": ["$last_shared", None]}]}
        part = {"$literal": None if taken_down is None else asdict(taken_down)}
        found: Raw | None = await _tracks().find_one_and_update(
            query,
            [{"$set": {"last_shared": last, "sharing.taken_down": part, "revision": NEXT_REVISION}}],
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        if found is not None:
            await self._changes.note(found["owner_id"], session)
        return found


def _as_shared(raw: Raw | None) -> Track | None:
    """As listeners see it or last saw it; as it is what was taken down before that was kept."""
    if raw is None:
        return None
    track = to_track(raw)
    return track if is_open(track.sharing) else to_track({**raw, **(raw.get("last_shared") or {})})


async def _ids(collection: Any, query: Mapping[str, Any], session: Session) -> list[str]:
    return [raw["_id"] for raw in await collection.find(query, {"_id": True}, session=session).to_list()]


def _tracks() -> Any:
    return TrackDocument.get_pymongo_collection()


def _versions() -> Any:
    return VersionDocument.get_pymongo_collection()
