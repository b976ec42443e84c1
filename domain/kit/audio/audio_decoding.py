"""The port to whoever turns a stranger's file into samples."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class EmbeddedTags:
    """What a file says about the music in it: single lines of text, empty where it says nothing."""

    title: str = ""
    artist: str = ""
    album: str = ""
    genre: str = ""
    date: str = ""


@dataclass(frozen=True)
class EmbeddedLyrics:
    """Words that stand in a file: plain, or LRC if they have times.

    `language` is a BCP 47 tag, empty where none is told. A text longer than `MAX_EMBEDDED_LYRICS` characters is cut.
    """

    text: str
    language: str = ""


MAX_EMBEDDED_LYRICS = 50_000


@dataclass(frozen=True)
class DecodedAudio:
    """Samples in a file, and what was found on the way.

    The file holds float32, little endian, stereo, at 44.1 kHz; `frames` of them, none louder than `peak`, which may be
    above 1. The rest is the source's: container and codec as FFmpeg names them, rate in hertz. `cover` is a square
    JPEG. `lyrics` are all that stand in it, as a file may have them with times and without.
    """

    frames: int
    peak: float
    container: str
    codec: str
    sample_rate: int
    channels: int
    tags: EmbeddedTags = field(default_factory=EmbeddedTags)
    cover: bytes | None = None
    lyrics: Sequence[EmbeddedLyrics] = ()


class AudioDecoder(Protocol):
    async def decode(
        self, source: Path, samples: Path, max_seconds: float, arrived: asyncio.Event | None = None
    ) -> DecodedAudio:
        """Writes the samples of `source` to the file `samples`, which the caller removes.

        With `arrived`, the source may still be on its way: it is made if it is missing, written to in place by the
        caller, and read from when the event is set. Its name does not count. Raises the kinds of `UnusableAudio`,
        `StorageFull`, and nothing else for anything that a file can hold.
        """
        ...
