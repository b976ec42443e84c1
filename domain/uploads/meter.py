"""The port to whoever counts uploads."""

from typing import Protocol


class UploadMeter(Protocol):
    def opened(self, size_bytes: int) -> None: ...

    def decoded(self, container: str, audio_seconds: float, seconds: float) -> None:
        """A file was read: how much sound was in it, and how long that took."""
        ...

    def lyrics(self, use: str) -> None:
        """There were words in a file; `use` says what became of them."""
        ...

    def refused(self, code: str) -> None:
        """A file is no use; `code` says why."""
        ...

    def swept(self) -> None:
        """An upload that was left open came to its end."""
        ...
