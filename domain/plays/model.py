"""What players report, and the play that a listen becomes. Pure data."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

# A player that reports every ten seconds for more than a day stays below it.
MOST_SEQUENCE = 9_999
MOST_POSITION_SECONDS = 24 * 3600.0

_SAME = "="


class PlayEvent(StrEnum):
    """What a player says. `COMPLETE` ends a listen: the track is over, or the listener has gone elsewhere."""

    START = "start"
    HEARTBEAT = "heartbeat"
    COMPLETE = "complete"


class Report(NamedTuple):
    """One report as it was received: where in the track the player was, and when by our own clock, in milliseconds.

    The server's clock stands here and never the player's, so that nobody hears faster than time goes by.
    """

    sequence: int
    position_ms: int
    at_ms: int
    is_complete: bool = False


class Ticket(NamedTuple):
    """Whose listening to what a report tells of; it stands in the signed address, so that no database is asked.

    Without a `listener_id` nobody is known to listen. The length is unknown while a track is being made.
    """

    listen_id: str
    track_id: str
    owner_id: str
    version_id: str | None = None
    listener_id: str | None = None
    duration_ms: int | None = None

    @property
    def text(self) -> str:
        """A short form, which `read` reads."""
        listener = _SAME if self.listener_id == self.owner_id else self.listener_id
        parts = (self.listen_id, self.track_id, self.owner_id, self.version_id, listener, self.duration_ms)
        return ".".join("" if part is None else str(part) for part in parts)

    @classmethod
    def read(cls, text: str) -> "Ticket":
        """Raises `ValueError` for what is no ticket."""
        listen_id, track_id, owner_id, version_id, listener, duration = text.split(".")
        listener_id = owner_id if listener == _SAME else listener
        return cls(
            listen_id, track_id, owner_id, version_id or None, listener_id or None, int(duration) if duration else None
        )


class Receipt(NamedTuple):
    """Reports that came in one request. `address` is the network of a listener whom nobody knows, else empty."""

    ticket: Ticket
    address: str
    reports: tuple[Report, ...]


@dataclass(frozen=True)
class Listen:
    """All that was reported of one listen, in any order, and how much of it the database has (0 for nothing)."""

    reports: tuple[Report, ...]
    written_ms: int = 0


@dataclass(frozen=True)
class Play:
    """A listen that was long enough; its id is the listen's. One above a limit is kept and not counted."""

    id: str
    track_id: str
    owner_id: str
    version_id: str | None
    listener_id: str | None
    began_at: datetime
    heard_seconds: float
    is_counted: bool


@dataclass(frozen=True)
class HeardTrack:
    """A play as it stands in its listener's history."""

    id: str
    track_id: str
    version_id: str | None
    began_at: datetime
    heard_seconds: float
