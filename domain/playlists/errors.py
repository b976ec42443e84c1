"""Expected failures around playlists."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kit.errors import DomainError
from domain.playlists.model import SeenPlaylist


@dataclass
class PlaylistConflict(DomainError):
    """The playlist has changed since the client read it; `current` is what it is now."""

    current: SeenPlaylist
    code: ClassVar[str] = "PLAYLIST_CONFLICT"

    @property
    def message(self) -> str:
        return (
            f"This playlist was changed in the meantime; it is at revision {self.current.playlist.revision} now. "
            "Nothing was written: look at what it is now, then send your change again."
        )


@dataclass
class PlaylistFull(DomainError):
    """No more fits into it."""

    most: int
    what: str
    code: ClassVar[str] = "PLAYLIST_FULL"

    @property
    def message(self) -> str:
        return f"A playlist has at most {self.most:,} {self.what}. Nothing was changed; remove some first."


@dataclass
class PlaylistIsSmart(DomainError):
    """A rule says what stands in the playlist, and it is for its owner alone."""

    code: ClassVar[str] = "PLAYLIST_IS_SMART"

    @property
    def message(self) -> str:
        return (
            "This is a smart playlist: its rule alone says what stands in it, and it is for you alone. "
            "Change its rule, or copy it into an ordinary playlist."
        )


@dataclass
class PlaylistNotSmart(DomainError):
    """What is asked for is only there for smart playlists."""

    code: ClassVar[str] = "PLAYLIST_NOT_SMART"

    @property
    def message(self) -> str:
        return "This playlist has no rule: its tracks are put into it one by one. Nothing was changed."


@dataclass
class TooManyPlaylists(DomainError):
    """The person has as many as one may have."""

    most: int
    code: ClassVar[str] = "TOO_MANY_PLAYLISTS"

    @property
    def message(self) -> str:
        return f"You have {self.most:,} playlists, which is as many as there may be. Delete one first."
