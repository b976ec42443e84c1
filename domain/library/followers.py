"""The port to what other areas keep of a track, so that it goes where the track goes."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import Protocol

from domain.kit.transactions import Session
from domain.library.model import Version


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


class RecordFollower(TrackFollower):
    """What keeps records only, which nobody is shown without the track: in the trash there is nothing to do for it."""

    async def hide(self, track_id: str, is_hidden: bool, session: Session) -> None:
        """It may come back."""

    async def folders(self, track_id: str) -> Sequence[str]:
        return []


class VersionFollower(TrackFollower):
    """What one area keeps of each version, so that a branch needs it as well."""

    @abstractmethod
    async def branch(self, version_id: str, branch: Version, session: Session) -> None:
        """Keeps of a new track's version what it keeps of the version that this one was made of."""

    @abstractmethod
    async def kept(self, track_id: str, folders: Sequence[str]) -> Collection[str]:
        """The objects in these folders that it needs for other tracks."""


class VersionRecords(Protocol):
    """A store of what is known of versions."""

    async def copy(self, version_id: str, branch: Version, session: Session) -> None:
        """Keeps of the branch what it keeps of this version, if anything."""
        ...

    async def forget(self, track_id: str) -> None:
        """Removes what it keeps of a track's versions."""
        ...


class VersionRecordFollower(RecordFollower, VersionFollower):
    """What keeps records of versions and no objects."""

    def __init__(self, records: VersionRecords) -> None:
        self._records = records

    async def forget(self, track_id: str) -> None:
        await self._records.forget(track_id)

    async def branch(self, version_id: str, branch: Version, session: Session) -> None:
        await self._records.copy(version_id, branch, session)

    async def kept(self, track_id: str, folders: Sequence[str]) -> Collection[str]:
        return ()


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

    async def branch(self, version_id: str, branch: Version, session: Session) -> None:
        for part in self._of_versions():
            await part.branch(version_id, branch, session)

    async def kept(self, track_id: str, folders: Sequence[str]) -> set[str]:
        return {key for part in self._of_versions() for key in await part.kept(track_id, folders)}

    def _of_versions(self) -> Sequence[VersionFollower]:
        return [part for part in self._parts if isinstance(part, VersionFollower)]
