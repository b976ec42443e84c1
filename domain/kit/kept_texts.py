"""The port to texts that are kept for a while under the hash of their content, by all processes together."""

from typing import Protocol


class KeptTexts(Protocol):
    """Never fails: while the shared store is out of reach, nothing is found and nothing is kept."""

    async def get(self, digest: str) -> str | None: ...

    async def put(self, digest: str, text: str) -> None: ...
