"""The port to object storage for what clients bring themselves, by presigned addresses, whole or in parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class ReceivedPart:
    """One part that has arrived; `etag` is storage's name for its content, without quotes."""

    number: int
    size_bytes: int
    etag: str


@dataclass(frozen=True)
class FetchedBlob:
    """What was fetched: its size and the SHA-256 of its bytes in lower-case hex."""

    size_bytes: int
    sha256: str


class BlobTooLarge(Exception):
    """The object has more bytes than were to be fetched."""


class BlobIntake(Protocol):
    """All methods raise `DependencyUnavailable` when storage is out of reach.

    Addresses are good for exactly the number of bytes that they were made for, as far as storage checks that.
    """

    async def put_url(self, key: str, size_bytes: int, lives: timedelta) -> str:
        """Where anybody may PUT the whole object until it expires."""
        ...

    async def begin_parts(self, key: str) -> str:
        """Opens an object that comes in parts; returns the name under which storage gathers them."""
        ...

    async def part_url(self, key: str, gathering: str, number: int, size_bytes: int, lives: timedelta) -> str:
        """Where anybody may PUT one part, numbered from 1, until it expires. The latest of a number counts."""
        ...

    async def put_part(self, key: str, gathering: str, number: int, data: bytes) -> ReceivedPart:
        """Brings one part ourselves; raises `NotFound` when nothing is gathered under this name any more."""
        ...

    async def parts(self, key: str, gathering: str) -> Sequence[ReceivedPart]:
        """What has arrived, by number; raises `NotFound` when nothing is gathered under this name any more.

        Of parts that were joined some storages still tell for a while.
        """
        ...

    async def join_parts(self, key: str, gathering: str, parts: Sequence[ReceivedPart]) -> None:
        """Makes the parts the object; raises `NotFound` when nothing is gathered under this name any more."""
        ...

    async def drop_parts(self, key: str, gathering: str) -> None:
        """Forgets the parts; there may be none."""
        ...

    async def drop_all(self, folder: str) -> None:
        """Forgets everything that is gathered for objects in this folder; there may be nothing."""
        ...

    async def size_of(self, key: str) -> int | None:
        """The object's size in bytes; None when there is none."""
        ...

    async def fetch(self, key: str, path: Path, most_bytes: int) -> FetchedBlob:
        """Writes the object to a file without holding it in memory.

        Raises `NotFound`, `BlobTooLarge` as soon as there is more than `most_bytes`, and `StorageFull`.
        """
        ...
