"""The port to what other areas keep of a track, so that it goes where the track goes."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.kit.transactions import Session


class TrackFollower(ABC):
    """What one area keeps of tracks. Everything may be called again after it broke off."""

    @abstractmethod
    async def hide(self, track_id: str, is_hidden: bool, session: Session) -> None:
        """Takes it away from listeners, or gives it back, with the track."""

    @abstractmethod
    async def folders(self, track_id: str) -> Sequence[str]:
        """Where its objects lie in storage. They are removed before `forget` is called."""

    @abstractmethod
    async def forget(self, track_id: str) -> None:
        """Removes its records."""


class TrackFollowers:
    """What all areas keep of tracks, filled by the composition root."""

    def __init__(self) -> None:
        self._parts: list[TrackFollower] = []

    def add(self, part: TrackFollower) -> None:
        self._parts.append(part)

    async def hide(self, track_id: str, is_hidden: bool, session: Session) -> None:
        for part in self._parts:
            await part.hide(track_id, is_hidden, session)

    async def folders(self, track_id: str) -> Sequence[str]:
        return [folder for part in self._parts for folder in await part.folders(track_id)]

    async def forget(self, track_id: str) -> None:
        for part in self._parts:
            await part.forget(track_id)
