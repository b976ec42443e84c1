"""Kept texts in memory."""


class MemoryTexts:
    """Keeps them for as long as it lives."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    async def get(self, digest: str) -> str | None:
        return self._texts.get(digest)

    async def put(self, digest: str, text: str) -> None:
        self._texts[digest] = text
