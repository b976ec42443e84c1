"""What is counted of a track goes with it, once it is deleted for good."""

from domain.library.followers import RecordFollower
from domain.plays.store import PlayStore


class PlayFollower(RecordFollower):
    """In the trash a track keeps its counts, and who listened keeps in the own history that there was something."""

    def __init__(self, store: PlayStore) -> None:
        self._store = store

    async def forget(self, track_id: str) -> None:
        await self._store.forget_track(track_id)
