"""What is counted of a track goes with it, once it is deleted for good."""

from collections.abc import Sequence

from domain.kit.transactions import Session
from domain.library.followers import TrackFollower
from domain.plays.store import PlayStore


class PlayFollower(TrackFollower):
    """In the trash a track keeps its counts, and who listened keeps in the own history that there was something."""

    def __init__(self, store: PlayStore) -> None:
        self._store = store

    async def hide(self, track_id: str, is_hidden: bool, session: Session) -> None:
        """Counts are only asked for with the track."""

    async def folders(self, track_id: str) -> Sequence[str]:
        return []

    async def forget(self, track_id: str) -> None:
        await self._store.forget_track(track_id)
