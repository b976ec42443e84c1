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
class TooManyPlaylists(DomainError):
    """The person has as many as one may have."""

    most: int
    code: ClassVar[str] = "TOO_MANY_PLAYLISTS"

    @property
    def message(self) -> str:
        return f"You have {self.most:,} playlists, which is as many as there may be. Delete one first."
