"""Object storage in a dictionary."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from domain.kit.errors import DependencyUnavailable, NotFound

PIECE_BYTES = 1 << 16


@dataclass
class MemoryBlobStore:
    """`is_down` makes it fail like a lost server. Its URLs lead nowhere."""

    objects: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    is_down: bool = False

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        self._check()
        self.objects[key] = (data, content_type)

    async def put_file(self, key: str, path: Path, content_type: str) -> None:
        await self.put(key, await asyncio.to_thread(path.read_bytes), content_type)

    async def get(self, key: str) -> bytes:
        self._check()
        if key not in self.objects:
            raise NotFound("object", key)
        return self.objects[key][0]

    async def stream(self, key: str, start: int, end: int | None = None) -> AsyncGenerator[bytes, None]:
        wanted = (await self.get(key))[start:end]
        for place in range(0, len(wanted), PIECE_BYTES):
            self._check()
            yield wanted[place : place + PIECE_BYTES]

    async def delete(self, key: str) -> None:
        self._check()
        self.objects.pop(key, None)

    async def delete_folder(self, prefix: str, keep: Collection[str] = ()) -> None:
        self._check()
        for key in [key for key in self.objects if key.startswith(f"{prefix}/") and key not in keep]:
            del self.objects[key]

    async def presigned_url(
        self, key: str, lives: timedelta, download_name: str | None = None, caching: str | None = None
    ) -> str:
        return f"memory:///{key}"

    def _check(self) -> None:
        if self.is_down:
            raise DependencyUnavailable("Object storage", "switched off")
