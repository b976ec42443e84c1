"""The port to whoever writes what is known of a track into a file of it, without touching the audio."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class TimedLine:
    """A line of lyrics, and when it begins in milliseconds."""

    start_ms: int
    text: str


@dataclass(frozen=True)
class FileTags:
    """What a file is to say. Empty texts, a tempo of 0 and no lines take away what it has said of that.

    `key` is written like "A minor". Without a `cover`, a JPEG, the picture that is in the file stays. What is not named
    here stays as it is. Without `tells_making` prompt, model and seed go; that it was generated at all stays.
    """

    title: str
    artist: str
    genre: str
    bpm: float
    key: str
    comment: str
    lyrics: str = ""
    lrc: str = ""
    timed_lyrics: Sequence[TimedLine] = ()
    language: str = ""
    cover: bytes | None = None
    cover_side: int = 0
    tells_making: bool = True


class HeadIncomplete(Exception):
    """The tags reach further into the file than the bytes that were given: at least to `needed`."""

    def __init__(self, needed: int) -> None:
        super().__init__(needed)
        self.needed = needed


@dataclass(frozen=True)
class NewHead:
    """What stands in place of the first `replaced` bytes of a file; the rest, the audio, follows as it is."""

    data: bytes
    replaced: int


class FileTagging(Protocol):
    def head(self, content_type: str, beginning: bytes, tags: FileTags) -> NewHead | None:
        """None for a file that has no place for tags. Raises `HeadIncomplete`, and ValueError for a damaged file."""
        ...
