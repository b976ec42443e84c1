"""Expected failures of the library."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.kit.errors import DomainError
from domain.library.model import Track


@dataclass
class EditConflict(DomainError):
    """The track has changed since the client read it; `current` is what it is now."""

    current: Track
    code: ClassVar[str] = "EDIT_CONFLICT"

    @property
    def message(self) -> str:
        return (
            f"This track was changed in the meantime; it is at revision {self.current.revision} now. "
            "Nothing was written: look at what it is now, then send your change again."
        )


@dataclass(frozen=True)
class DamagedLine:
    """A line, counted from 1, and what is wrong with it."""

    number: int
    message: str


@dataclass
class LyricsDamaged(DomainError):
    """These lines of an LRC text cannot be read; nothing was written."""

    lines: Sequence[DamagedLine]
    code: ClassVar[str] = "LYRICS_DAMAGED"

    @property
    def message(self) -> str:
        return " ".join(f"Line {line.number}: {line.message}" for line in self.lines)


@dataclass
class TrackTakenDown(DomainError):
    """A moderator has taken the track down, so it cannot be opened to anybody."""

    reason: str
    taken_down_at: datetime
    code: ClassVar[str] = "TRACK_TAKEN_DOWN"

    @property
    def message(self) -> str:
        return (
            "A moderator has taken this track down, so nobody but you can listen to it until that is lifted. "
            f"The reason given: {self.reason}"
        )
