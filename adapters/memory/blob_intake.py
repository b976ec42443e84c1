"""What clients bring, in the dictionary of the twin. Tests put bytes by `bring` and `bring_part`."""

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path

from adapters.memory.blobs import MemoryBlobStore
from domain.kit.blob_intake import BlobTooLarge, FetchedBlob, ReceivedPart
from domain.kit.errors import DependencyUnavailable, NotFound


@dataclass
class MemoryBlobIntake:
    """Beside a store, whose objects it makes and whose outages it shares. Its addresses say what they are for."""

    store: MemoryBlobStore
    gatherings: dict[tuple[str, str], dict[int, bytes]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    def bring(self, url: str, data: bytes) -> None:
        """What a client does with an address; raises ValueError for another number of bytes."""
        kind, key, *rest = url.removeprefix("memory:///").split("|")
        if len(data) != int(rest[-1]):
            raise ValueError(f"{len(data)} bytes were not signed for")
        if kind == "put":
            self.store.objects[key] = (data, "binary/octet-stream")
        else:
            self.gatherings[key, rest[0]][int(rest[1])] = data

    async def put_url(self, key: str, size_bytes: int, lives: timedelta) -> str:
        return f"memory:///put|{key}|{size_bytes}"

    async def begin_parts(self, key: str) -> str:
        self._check()
        gathering = f"gathering-{next(self._numbers)}"
        self.gatherings[key, gathering] = {}
        return gathering

    async def part_url(self, key: str, gathering: str, number: int, size_bytes: int, lives: timedelta) -> str:
        return f"memory:///part|{key}|{gathering}|{number}|{size_bytes}"

    async def put_part(self, key: str, gathering: str, number: int, data: bytes) -> ReceivedPart:
        self._gathered(key, gathering)[number] = data
        return ReceivedPart(number, len(data), hashlib.md5(data, usedforsecurity=False).hexdigest())

    async def parts(self, key: str, gathering: str) -> Sequence[ReceivedPart]:
        found = self._gathered(key, gathering)
        return [
            ReceivedPart(number, len(found[number]), hashlib.md5(found[number], usedforsecurity=False).hexdigest())
            for number in sorted(found)
        ]

    async def join_parts(self, key: str, gathering: str, parts: Sequence[ReceivedPart]) -> None:
        found = self._gathered(key, gathering)
        joined = b"".join(found[part.number] for part in parts)
        del self.gatherings[key, gathering]
        self.store.objects[key] = (joined, "binary/octet-stream")

    async def drop_parts(self, key: str, gathering: str) -> None:
        self._check()
        self.gatherings.pop((key, gathering), None)

    async def drop_all(self, folder: str) -> None:
        self._check()
        for key, gathering in list(self.gatherings):
            if key.startswith(f"{folder}/"):
                del self.gatherings[key, gathering]

    async def size_of(self, key: str) -> int | None:
        self._check()
        found = self.store.objects.get(key)
        return None if found is None else len(found[0])

    async def fetch(self, key: str, path: Path, most_bytes: int) -> FetchedBlob:
        data = await self.store.get(key)
        if len(data) > most_bytes:
            raise BlobTooLarge()
        await asyncio.to_thread(path.write_bytes, data)
        return FetchedBlob(len(data), hashlib.sha256(data).hexdigest())

    def _gathered(self, key: str, gathering: str) -> dict[int, bytes]:
        self._check()
        if (key, gathering) not in self.gatherings:
            raise NotFound("object", key)
        return self.gatherings[key, gathering]

    def _check(self) -> None:
        if self.store.is_down:
            raise DependencyUnavailable("Object storage", "switched off")
