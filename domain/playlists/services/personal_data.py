"""A person's playlists, and what they have added to those of others."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.kit.personal_data import Erasure, PersonalData
from domain.playlists.stores.entries import EntryStore
from domain.playlists.stores.playlists import PlaylistStore


class PlaylistPersonalData(PersonalData):
    """What somebody has added to others' playlists stays there, and nobody can tell who it was."""

    def __init__(self, playlists: PlaylistStore, entries: EntryStore) -> None:
        self._playlists = playlists
        self._entries = entries

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        return {
            "playlists": await self._playlists.dump(account_id),
            "playlist_entries": await self._entries.dump(account_id),
        }

    async def erase(self, erasure: Erasure) -> None:
        """Entries go before the playlists that name them."""
        await self._entries.remove_all(await self._playlists.owned_ids(erasure.account_id))
        await self._playlists.erase(erasure.account_id)
        await self._playlists.leave_all(erasure.account_id)
        await self._entries.disown(erasure.account_id, erasure.pseudonym)
