"""The ports of counting: the log between who takes reports and who counts them, and what is known of open listens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from domain.plays.model import Listen, Receipt, Report


@dataclass(frozen=True)
class Batch:
    """What one consumer has taken and has to say `done` to; `names` are those of its entries in the log."""

    names: tuple[str, ...]
    receipts: Sequence[Receipt]
    unreadable: int = 0


@dataclass(frozen=True)
class Backlog:
    """How many entries nobody is done with, and how old the oldest of them is."""

    entries: int
    oldest_seconds: float


class PlayLog(Protocol):
    """Gives each entry to one consumer, and to another when that one has died. Raises `DependencyUnavailable`."""

    async def append(self, receipts: Sequence[Receipt]) -> bool:
        """False when so much waits that nothing more fits; then nothing was appended."""
        ...

    async def take(self, consumer: str, wait_seconds: float) -> Batch | None:
        """The next entries; None when none came in this time."""
        ...

    async def claim(self, consumer: str, idle_seconds: float) -> Batch | None:
        """Entries that somebody took so long ago and is not done with; None when there are none."""
        ...

    async def done(self, batch: Batch) -> None:
        """Forgets these entries."""
        ...

    async def backlog(self) -> Backlog: ...


@dataclass(frozen=True)
class Allotment:
    """A place among the plays that count: of one listener or address, one track and one day (UTC)."""

    who: str
    track_id: str
    day: date
    listen_id: str
    most: int


class ListenStates(Protocol):
    """What was reported of listens, for some hours after their first report. Raises `DependencyUnavailable`."""

    async def add(self, reports: Mapping[str, Sequence[Report]]) -> Mapping[str, Listen]:
        """Adds to listens by their ids, and tells all that is known of each. To add again changes nothing.

        A listen that has thousands of reports keeps no more.
        """
        ...

    async def written(self, heard: Mapping[str, int]) -> None:
        """The database has these listens with so many milliseconds."""
        ...

    async def admit(self, wanted: Sequence[Allotment]) -> Sequence[bool]:
        """For each, whether it has one of the places. Who has one keeps it."""
        ...


class PlayMeter(Protocol):
    def taken(self, reports: int) -> None: ...

    def refused(self, reason: str) -> None: ...

    def dropped(self, reason: str, reports: int) -> None: ...

    def counted(self, counted: int, above_limits: int) -> None: ...

    def failed(self) -> None: ...

    def waiting(self, backlog: Backlog) -> None: ...
