"""A track's renditions go where the track goes: into the trash, out of it, and out of the world."""

from collections.abc import Sequence

from domain.kit.transactions import Session
from domain.library.followers import TrackFollower
from domain.playback.store import RenditionStore


class RenditionFollower(TrackFollower):
    """Whoever has an address of the playlist hears nothing more of a track in the trash."""

    def __init__(self, store: RenditionStore) -> None:
        self._store = store

    async def hide(self, track_id: str, is_hidden: bool, session: Session) -> None:
        await self._store.hide(track_id, is_hidden, session)

    async def folders(self, track_id: str) -> Sequence[str]:
        return await self._store.prefixes_of_track(track_id)

    async def forget(self, track_id: str) -> None:
        await self._store.forget(track_id)
