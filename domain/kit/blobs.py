"""The port to object storage."""

from collections.abc import AsyncGenerator, Collection
from datetime import timedelta
from pathlib import Path
from typing import Protocol


class BlobStore(Protocol):
    """Immutable objects under keys. All methods raise `DependencyUnavailable` when storage is out of reach."""

    async def put(self, key: str, data: bytes, content_type: str) -> None: ...

    async def put_file(self, key: str, path: Path, content_type: str) -> None: ...

    async def get(self, key: str) -> bytes:
        """The object's bytes; raises `NotFound` when there is none."""
        ...

    def stream(self, key: str, start: int, end: int | None = None) -> AsyncGenerator[bytes, None]:
        """The object's bytes from `start` to just before `end`, piece by piece; raises `NotFound` before the first.

        Nothing beyond the object's end.
        """
        ...

    async def delete(self, key: str) -> None:
        """Removes one object; there may be none."""
        ...

    async def delete_folder(self, prefix: str, keep: Collection[str] = ()) -> None:
        """Removes every object whose key begins with `prefix` and a slash, but those in `keep`; there may be none."""
        ...

    async def presigned_url(
        self, key: str, lives: timedelta, download_name: str | None = None, caching: str | None = None
    ) -> str:
        """A URL that anybody may GET until it expires; `download_name` makes browsers save it under that name.

        `caching` is the Cache-Control of what it answers (RFC 9111); nothing is said of it without.
        """
        ...
