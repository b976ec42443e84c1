"""The queries of playlists, each from what the caller may see: their own, what they edit, public ones, or by a link."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pymongo
from pymongo import ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection

from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import Session
from domain.kit.trust.secret_links import SecretLink
from domain.library.model import Visibility
from domain.playlists.documents import PlaylistDocument
from domain.playlists.model import Playlist
from domain.playlists.stores.definitions import definition_record, to_definition

Raw = Mapping[str, Any]
CHANGEABLE = {
    "title",
    "description",
    "visibility",
    "link",
    "invitation",
    "collaborators",
    "people",
    "changed_at",
    "revision",
    "smart",
}


def to_playlist(raw: Raw) -> Playlist:
    fields = {name: value for name, value in raw.items() if name not in ("_id", "people")}
    for name in ("link", "invitation"):
        fields[name] = None if fields[name] is None else SecretLink(**fields[name])
    fields |= {
        "visibility": Visibility(raw["visibility"]),
        "collaborators": tuple(raw["collaborators"]),
        "smart": None if raw.get("smart") is None else to_definition(raw["smart"]),
    }
    return Playlist(id=raw["_id"], **fields)


def record_of(playlist: Playlist) -> dict[str, Any]:
    fields = asdict(playlist)
    return {
        "_id": fields.pop("id"),
        **fields,
        "visibility": playlist.visibility.value,
        "collaborators": list(playlist.collaborators),
        "people": [playlist.owner_id, *playlist.collaborators],
        "smart": None if playlist.smart is None else definition_record(playlist.smart),
    }


class PlaylistStore:
    """Whoever may see a playlist may read its entries; who may change it is the services' to decide."""

    async def insert(self, playlist: Playlist, session: Session) -> None:
        await _playlists().insert_one(record_of(playlist), session=session)

    async def count_owned(self, owner_id: str, session: Session) -> int:
        return int(await _playlists().count_documents({"owner_id": owner_id}, session=session))

    async def find(self, account_id: str | None, playlist_ids: Sequence[str]) -> dict[str, Playlist]:
        """Public ones among these, and those that the person has."""
        seen: list[dict[str, Any]] = [{"visibility": Visibility.PUBLIC.value}]
        if account_id is not None:
            seen.append({"people": account_id})
        query = {"_id": {"$in": list(playlist_ids)}, "$or": seen}
        return {raw["_id"]: to_playlist(raw) for raw in await _playlists().find(query).to_list()}

    async def find_by_link(self, hashed: str) -> Playlist | None:
        raw = await _playlists().find_one({"link.hash": hashed, "visibility": {"$ne": Visibility.PRIVATE.value}})
        return None if raw is None else to_playlist(raw)

    async def find_by_invitation(self, hashed: str) -> Playlist | None:
        raw = await _playlists().find_one({"invitation.hash": hashed})
        return None if raw is None else to_playlist(raw)

    async def page(self, account_id: str, page: PageRequest) -> Page[Playlist]:
        """Those that the person has, newest first."""
        query: dict[str, Any] = {"people": account_id}
        if page.after is not None:
            query["_id"] = {"$lt": page.after}
        found = await _playlists().find(query).sort("_id", pymongo.DESCENDING).limit(page.first + 1).to_list()
        return Page.cut([to_playlist(raw) for raw in found], page)

    async def save(self, changed: Playlist, session: Session | None = None) -> Playlist | None:
        """Writes one that is a revision ahead of what lies there; None when that is not so any more."""
        fields = {name: value for name, value in record_of(changed).items() if name in CHANGEABLE}
        raw = await _playlists().find_one_and_update(
            {"_id": changed.id, "owner_id": changed.owner_id, "revision": changed.revision - 1},
            {"$set": fields},
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        return None if raw is None else to_playlist(raw)

    async def grow(self, account_id: str, playlist_id: str, by: int, most: int, session: Session) -> Playlist | None:
        """Counts so many more entries; None where this person may not put any, and where they would be too many."""
        raw = await _playlists().find_one_and_update(
            {"_id": playlist_id, "people": account_id, "smart": None, "entry_count": {"$lte": most - by}},
            {"$inc": {"entry_count": by}},
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        return None if raw is None else to_playlist(raw)

    async def delete(self, owner_id: str, playlist_id: str, session: Session) -> bool:
        result = await _playlists().delete_one({"_id": playlist_id, "owner_id": owner_id}, session=session)
        return bool(result.deleted_count)

    async def reseal(self, owner_id: str, playlist_id: str, name: str, before: SecretLink, link: SecretLink) -> None:
        """The same secret under another server secret, for its `link` or its `invitation`."""
        query = {"_id": playlist_id, "owner_id": owner_id, f"{name}.sealed": before.sealed}
        await _playlists().update_one(query, {"$set": {f"{name}.sealed": link.sealed}})

    async def owned_ids(self, owner_id: str) -> Sequence[str]:
        found = await _playlists().find({"owner_id": owner_id}, {"_id": True}).to_list()
        return [raw["_id"] for raw in found]

    async def erase(self, owner_id: str) -> None:
        await _playlists().delete_many({"owner_id": owner_id})

    async def shrink(self, playlist_id: str, by: int, session: Session) -> None:
        await _playlists().update_one({"_id": playlist_id}, {"$inc": {"entry_count": -by}}, session=session)

    async def dump(self, owner_id: str) -> list[dict[str, Any]]:
        """All that a person owns, as they lie there, without secrets and without other people."""
        hidden = {"link": False, "invitation": False, "people": False, "collaborators": False}
        return await _playlists().find({"owner_id": owner_id}, hidden).sort("_id").to_list()

    async def leave_all(self, account_id: str) -> None:
        """Takes a person out of all playlists of others."""
        pulled = {"collaborators": account_id, "people": account_id}
        query = {"people": account_id, "owner_id": {"$ne": account_id}}
        await _playlists().update_many(query, {"$pull": pulled, "$inc": {"revision": 1}})


def _playlists() -> AsyncCollection[dict[str, Any]]:
    return PlaylistDocument.get_pymongo_collection()
