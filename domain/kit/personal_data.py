"""The port by which each area gives a person their data and forgets them."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any


@dataclass(frozen=True)
class Erasure:
    """Who is to be forgotten. `pseudonym` stands for them in records that must stay, and in nothing else."""

    account_id: str
    pseudonym: str


@dataclass(frozen=True)
class PersonalFile:
    """A file of a person under the path by which they find it: an object in storage by its key, or a text.

    A long text is written when its turn comes, by `write`: None when there is nothing to write any more.
    """

    path: str
    key: str | None = None
    text: str = ""
    size_bytes: int = 0
    write: Callable[[], Awaitable[str | None]] | None = None


class PersonalData(ABC):
    """What one area knows of a person. Everything may be called again after it broke off."""

    @abstractmethod
    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        """All of it under speaking names, as JSON with dates; links to files are good for `links_live`."""

    @abstractmethod
    async def erase(self, erasure: Erasure) -> None:
        """Removes all of it, or puts the pseudonym in the person's place where books must stay whole."""

    async def files(self, account_id: str) -> Sequence[PersonalFile]:
        """What belongs to it and is no record; no two have the same path."""
        return ()

    async def obstacle(self, account_id: str) -> str | None:
        """Why the person cannot be forgotten just now, in words for them."""
        return None


class PersonalRecords:
    """What all areas know of people, filled by the composition root. What was added last comes first."""

    def __init__(self) -> None:
        self._parts: list[tuple[str, PersonalData]] = []

    def add(self, area: str, part: PersonalData) -> None:
        self._parts.insert(0, (area, part))

    def parts(self) -> Sequence[tuple[str, PersonalData]]:
        return tuple(self._parts)

    async def obstacles(self, account_id: str) -> Sequence[str]:
        found = [await part.obstacle(account_id) for _, part in self._parts]
        return [text for text in found if text is not None]

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Mapping[str, Any]]:
        """By area."""
        return {area: await part.export(account_id, links_live) for area, part in self._parts}

    async def files(self, account_id: str) -> Sequence[PersonalFile]:
        """Of all areas."""
        return [file for _, part in self._parts for file in await part.files(account_id)]

    async def erase(self, erasure: Erasure, spare: Collection[str] = ()) -> None:
        """In all areas but those to `spare`."""
        for area, part in self._parts:
            if area not in spare:
                await part.erase(erasure)
