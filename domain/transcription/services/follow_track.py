"""The notes of a track's versions go where the track goes."""

from collections.abc import Collection, Sequence

from domain.kit.transactions import Session
from domain.library.followers import VersionFollower
from domain.library.model import Version
from domain.transcription.store import TranscriptionStore


class TranscriptionFollower(VersionFollower):
    """A track in the trash may come back. The MIDI file lies with the version's other files."""

    def __init__(self, store: TranscriptionStore) -> None:
        self._store = store

    async def hide(self, track_id: str, is_hidden: bool, session: Session) -> None:
        """Who reads notes reads the version as well, and does not find one in the trash."""

    async def folders(self, track_id: str) -> Sequence[str]:
        return []

    async def forget(self, track_id: str) -> None:
        await self._store.forget(track_id)

    async def branch(self, version_id: str, branch: Version, session: Session) -> None:
        await self._store.copy(version_id, branch, session)

    async def kept(self, track_id: str, folders: Sequence[str]) -> Collection[str]:
        return ()
