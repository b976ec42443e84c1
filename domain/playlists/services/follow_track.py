"""Entries of a track go with it, once it is deleted for good."""

from domain.kit.transactions import Session, Transactions
from domain.library.followers import RecordFollower
from domain.playlists.stores.entries import EntryStore
from domain.playlists.stores.playlists import PlaylistStore


class EntryFollower(RecordFollower):
    """In the trash a track keeps its places: it may come back."""

    def __init__(self, playlists: PlaylistStore, entries: EntryStore, transactions: Transactions) -> None:
        self._playlists = playlists
        self._entries = entries
        self._transactions = transactions

    async def forget(self, track_id: str) -> None:
        async def work(session: Session) -> None:
            for playlist_id, count in sorted((await self._entries.of_track(track_id, session)).items()):
                await self._playlists.shrink(playlist_id, count, session)
            await self._entries.forget_track(track_id, session)

        await self._transactions.run(work)
