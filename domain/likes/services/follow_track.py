"""Likes of a track go with it, once it is deleted for good."""

from domain.library.followers import RecordFollower
from domain.likes.store import LikeStore


class LikeFollower(RecordFollower):
    """In the trash a track keeps its likes: it may come back."""

    def __init__(self, store: LikeStore) -> None:
        self._store = store

    async def forget(self, track_id: str) -> None:
        await self._store.forget_track(track_id)
