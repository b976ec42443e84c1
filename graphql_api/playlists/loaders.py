"""Playlists and entries that the caller may see, and who edits playlists, many ids in one query."""

from dataclasses import dataclass

from domain.accounts.services.directory import AccountDirectory
from domain.kit.keyset import SortedPageRequest
from domain.playlists.model import EntryPage, SeenEntry, SeenPlaylist
from domain.playlists.services.entries import PlaylistEntries
from domain.playlists.services.manage import PlaylistService
from graphql_api.core.context import AreaLoader


class PlaylistLoader(AreaLoader[str, SeenPlaylist | None]):
    async def load_batch(self, keys: list[str]) -> list[SeenPlaylist | None]:
        found = await self.context.service(PlaylistService).by_id(self.context.caller, keys)
        return [found.get(key) for key in keys]


class EntryLoader(AreaLoader[str, SeenEntry | None]):
    async def load_batch(self, keys: list[str]) -> list[SeenEntry | None]:
        found = await self.context.service(PlaylistEntries).by_id(self.context.caller, keys)
        return [found.get(key) for key in keys]


class EditorLoader(AreaLoader[str, str | None]):
    """The names of people who edit playlists that the caller edits as well."""

    async def load_batch(self, keys: list[str]) -> list[str | None]:
        found = await self.context.service(AccountDirectory).by_ids(keys)
        return [found[key].display_name if key in found else None for key in keys]


@dataclass(frozen=True)
class PlaylistPage:
    """One page of a playlist that the caller was shown, and whether they edit it."""

    playlist_id: str
    is_edited: bool
    request: SortedPageRequest


class EntryPageLoader(AreaLoader[PlaylistPage, EntryPage]):
    """Three queries for each different page that is asked for, whatever the number of playlists."""

    async def load_batch(self, keys: list[PlaylistPage]) -> list[EntryPage]:
        entries, caller = self.context.service(PlaylistEntries), self.context.caller
        pages = {}
        for request in {key.request for key in keys}:
            editable = {key.playlist_id: key.is_edited for key in keys if key.request == request}
            pages[request] = await entries.pages(caller, editable, request)
        return [pages[key.request][key.playlist_id] for key in keys]
