"""Likes of a track go with it, once it is deleted for good."""

from collections.abc import Sequence

from domain.kit.transactions import Session
from domain.library.followers import TrackFollower
from domain.likes.store import LikeStore


class LikeFollower(TrackFollower):
    """In the trash a track keeps its likes: it may come back."""

    def __init__(self, store: LikeStore) -> None:
        self._store = store

    async def hide(self, track_id: str, is_hidden: bool, session: Session) -> None:
        """Lists of likes show what may be seen only."""

    async def folders(self, track_id: str) -> Sequence[str]:
        return []

    async def forget(self, track_id: str) -> None:
        await self._store.forget_track(track_id)
