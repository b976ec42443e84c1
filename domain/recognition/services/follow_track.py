"""What is known of a track's recordings goes where the track goes."""

from collections.abc import Collection, Sequence

from domain.kit.transactions import Session
from domain.library.followers import VersionFollower
from domain.library.model import Version
from domain.recognition.store import RecognitionStore


class RecognitionFollower(VersionFollower):
    """A track in the trash may come back, and is compared with in the meantime; it has no objects."""

    def __init__(self, store: RecognitionStore) -> None:
        self._store = store

    async def hide(self, track_id: str, is_hidden: bool, session: Session) -> None:
        """Who reads duplicates reads the tracks as well, and does not find those in the trash."""

    async def folders(self, track_id: str) -> Sequence[str]:
        return []

    async def forget(self, track_id: str) -> None:
        await self._store.forget(track_id)

    async def branch(self, version_id: str, branch: Version, session: Session) -> None:
        await self._store.copy(version_id, branch, session)

    async def kept(self, track_id: str, folders: Sequence[str]) -> Collection[str]:
        return ()
