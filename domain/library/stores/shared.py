"""What others than its owner may see of a track. Each query starts with what is open to them."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import ReturnDocument

from domain.kit.changes import Changes
from domain.kit.keyset import SortedPageRequest
from domain.kit.paging import Page
from domain.kit.secret_links import SecretLink
from domain.kit.transactions import Session
from domain.library.documents import PUBLIC, TrackDocument, VersionDocument
from domain.library.model import TakeDown, Track, Version, Visibility
from domain.library.stores.records import to_track, to_version
from domain.library.stores.sorting import behind, sort_of
from domain.library.stores.trash import NEXT_REVISION

OPEN: Mapping[str, Any] = {"sharing.taken_down": None, "trashed_at": None}
VISIBLE: Mapping[str, Any] = {"sharing.visibility": {"$in": [Visibility.UNLISTED.value, Visibility.PUBLIC.value]}}
SHARED: Mapping[str, Any] = {**VISIBLE, "trashed_at": None}
PUBLISHED_AT = "sharing.published_at"


class SharedStore:
    """Tracks of all owners, as far as they are shared. What changes for their owners is noted in `changes`."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    async def find_public(self, track_ids: Sequence[str]) -> Sequence[Track]:
        query = {"_id": {"$in": list(track_ids)}, **PUBLIC, **OPEN}
        return [to_track(raw) for raw in await _tracks().find(query, {"facets": False}).to_list()]

    async def find_by_link(self, hashed: str) -> Track | None:
        """The track whose link has this secret, also when it is public by now."""
        raw = await _tracks().find_one({"sharing.link.hash": hashed, **SHARED, **OPEN}, {"facets": False})
        return None if raw is None else to_track(raw)

    async def find_playing(self, version_ids: Sequence[str]) -> Sequence[Track]:
        """The public tracks of which these are the current versions."""
        query = {"current_version_id": {"$in": list(version_ids)}, **PUBLIC, **OPEN}
        return [to_track(raw) for raw in await _tracks().find(query, {"facets": False}).to_list()]

    async def page_public(self, owner_id: str, page: SortedPageRequest) -> Page[Track]:
        query = {"owner_id": owner_id, **PUBLIC, **OPEN, **behind(page, PUBLISHED_AT)}
        found = _tracks().find(query, {"facets": False}, hint="published")
        found = found.sort(sort_of(page.order, PUBLISHED_AT)).limit(page.first + 1)
        return Page.cut([to_track(raw) for raw in await found.to_list()], page)

    async def is_open(self, track_id: str) -> bool:
        """Whether anybody but its owner may listen, by whatever way."""
        return await _tracks().find_one({"_id": track_id, **SHARED, **OPEN}, {"_id": True}) is not None

    async def version_of(self, track: Track) -> Version | None:
        """The current version of a track that the caller was allowed to hear."""
        query = {"_id": track.current_version_id, "track_id": track.id, "is_trashed": {"$ne": True}}
        raw = await _versions().find_one(query)
        return None if raw is None else to_version(raw)

    async def take_down(self, track_id: str, taken_down: TakeDown, session: Session) -> Track | None:
        """None when it is not shared with anybody, or was taken down before.

        Also in the trash: nobody hears it there, but restoring would open it again.
        """
        part = {"at": taken_down.at, "reason": taken_down.reason}
        wanted = {"_id": track_id, **VISIBLE, "sharing.taken_down": None, "doomed_at": None}
        return await self._moderate(wanted, part, session)

    async def reinstate(self, track_id: str, session: Session) -> Track | None:
        """None when it was not taken down."""
        return await self._moderate({"_id": track_id, "sharing.taken_down": {"$type": "object"}}, None, session)

    async def find_taken_down(self, track_id: str) -> Track | None:
        raw = await _tracks().find_one({"_id": track_id, "sharing.taken_down": {"$type": "object"}})
        return None if raw is None else to_track(raw)

    async def reseal(self, owner_id: str, track_id: str, before: SecretLink, link: SecretLink) -> None:
        """The same secret under another server secret; nothing when the link was renewed in the meantime."""
        query = {"_id": track_id, "owner_id": owner_id, "sharing.link.sealed": before.sealed}
        await _tracks().update_one(query, {"$set": {"sharing.link.sealed": link.sealed}})

    async def _moderate(self, query: dict[str, Any], part: dict[str, Any] | None, session: Session) -> Track | None:
        """One more revision, so that nothing is written over it that has not seen it."""
        set_part = {"$literal": part}
        raw = await _tracks().find_one_and_update(
            query,
            [{"$set": {"sharing.taken_down": set_part, "revision": NEXT_REVISION}}],
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        if raw is None:
            return None
        await self._changes.note(raw["owner_id"], session)
        return to_track(raw)


def _tracks() -> Any:
    return TrackDocument.get_pymongo_collection()


def _versions() -> Any:
    return VersionDocument.get_pymongo_collection()
