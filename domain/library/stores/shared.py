"""What others than its owner may see of a track. Each query starts with what is open to them."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.kit.keyset import SortedPageRequest
from domain.kit.paging import Page
from domain.kit.trust.secret_links import SecretLink
from domain.library.documents import PUBLIC, UNREAD, TrackDocument, VersionDocument
from domain.library.model import Sharing, Track, Version
from domain.library.stores.moderation import VISIBLE
from domain.library.stores.records import to_sharing, to_track, to_version
from domain.library.stores.sorting import behind, sort_of

OPEN: Mapping[str, Any] = {"sharing.taken_down": None, "trashed_at": None}
SHARED: Mapping[str, Any] = {**VISIBLE, "trashed_at": None}
PUBLISHED_AT = "sharing.published_at"


class SharedStore:
    """Tracks of all owners, as far as they are shared."""

    async def find_public(self, track_ids: Sequence[str]) -> Sequence[Track]:
        query = {"_id": {"$in": list(track_ids)}, **PUBLIC, **OPEN}
        return [to_track(raw) for raw in await _tracks().find(query, UNREAD).to_list()]

    async def find_by_link(self, hashed: str) -> Track | None:
        """The track whose link has this secret, also when it is public by now."""
        raw = await _tracks().find_one({"sharing.link.hash": hashed, **SHARED, **OPEN}, UNREAD)
        return None if raw is None else to_track(raw)

    async def find_playing(self, version_ids: Sequence[str]) -> Sequence[Track]:
        """The public tracks of which these are the current versions."""
        query = {"current_version_id": {"$in": list(version_ids)}, **PUBLIC, **OPEN}
        return [to_track(raw) for raw in await _tracks().find(query, UNREAD).to_list()]

    async def page_public(self, owner_id: str, page: SortedPageRequest) -> Page[Track]:
        query = {"owner_id": owner_id, **PUBLIC, **OPEN, **behind(page, PUBLISHED_AT)}
        found = _tracks().find(query, UNREAD, hint="published")
        found = found.sort(sort_of(page.order, PUBLISHED_AT)).limit(page.first + 1)
        return Page.cut([to_track(raw) for raw in await found.to_list()], page)

    async def sharing_of(self, track_id: str) -> Sharing | None:
        """Of a track that others than its owner may listen to, by whatever way; else None."""
        raw = await _tracks().find_one({"_id": track_id, **SHARED, **OPEN}, {"sharing": True})
        return None if raw is None else to_sharing(raw["sharing"])

    async def version_of(self, track: Track) -> Version | None:
        """The current version of a track that the caller was allowed to hear."""
        query = {"_id": track.current_version_id, "track_id": track.id, "is_trashed": {"$ne": True}}
        raw = await _versions().find_one(query)
        return None if raw is None else to_version(raw)

    async def reseal(self, owner_id: str, track_id: str, before: SecretLink, link: SecretLink) -> None:
        """The same secret under another server secret; nothing when the link was renewed in the meantime."""
        query = {"_id": track_id, "owner_id": owner_id, "sharing.link.sealed": before.sealed}
        await _tracks().update_one(query, {"$set": {"sharing.link.sealed": link.sealed}})


def _tracks() -> Any:
    return TrackDocument.get_pymongo_collection()


def _versions() -> Any:
    return VersionDocument.get_pymongo_collection()
