"""The port to whoever turns a stranger's picture into one that can be shown."""

from enum import StrEnum
from pathlib import Path
from typing import Protocol

LEAST_SIDE = 300
MOST_PIXELS = 24_000_000


class PictureFault(StrEnum):
    """Why a file is no use as a picture."""

    NOT_A_PICTURE = "NOT_A_PICTURE"
    DAMAGED = "DAMAGED"
    TOO_SMALL = "TOO_SMALL"
    TOO_LARGE = "TOO_LARGE"


class UnusablePicture(Exception):
    """The file cannot be shown; `fault` says why."""

    def __init__(self, fault: PictureFault) -> None:
        super().__init__(fault)
        self.fault = fault


class PictureScaler(Protocol):
    async def scaled(self, picture: bytes, side: int) -> bytes:
        """A picture of ours, which is square, as a JPEG of so many pixels a side."""
        ...


class PictureReader(Protocol):
    async def square(self, source: Path) -> bytes:
        """The middle square of a JPEG, PNG or WebP as a JPEG of 1024x1024 that holds nothing but the pixels.

        It is turned as the picture says it was taken, and shown on white where one can see through it. The file's name
        does not count. Raises `UnusablePicture`, and `DependencyUnavailable` when another attempt may do better.
        """
        ...
