"""A track's renditions go where the track goes: into the trash, out of it, and out of the world."""

from collections.abc import Collection, Sequence

from domain.kit.transactions import Session
from domain.library.followers import VersionFollower
from domain.library.model import Version
from domain.playback.store import RenditionStore


class RenditionFollower(VersionFollower):
    """Whoever has an address of the playlist hears nothing more of a track in the trash."""

    def __init__(self, store: RenditionStore) -> None:
        self._store = store

    async def hide(self, track_id: str, is_hidden: bool, session: Session) -> None:
        await self._store.hide(track_id, is_hidden, session)

    async def folders(self, track_id: str) -> Sequence[str]:
        return await self._store.prefixes_of_track(track_id)

    async def forget(self, track_id: str) -> None:
        await self._store.forget(track_id)

    async def branch(self, version_id: str, branch: Version, session: Session) -> None:
        """The branch plays the same objects. Its version carries the moment of its birth, as its rendition does."""
        await self._store.copy(version_id, branch.id, branch.track_id, branch.created_at, session)

    async def kept(self, track_id: str, folders: Sequence[str]) -> Collection[str]:
        others = await self._store.in_folders_of_others(track_id, folders)
        return {key for other in others for key in other.object_keys()}
