"""The port to whoever counts downloads."""

from enum import StrEnum
from typing import Protocol


class UntaggedReason(StrEnum):
    """Why a file is sent as it lies in storage, without what is known of its track now."""

    NO_PLACE = "NO_PLACE"
    """Files of this type have no place for tags."""
    DAMAGED = "DAMAGED"
    """What stands before the audio is not understood."""
    CUT_OFF = "CUT_OFF"
    """The file ends before its audio begins."""


class DownloadMeter(Protocol):
    def untagged(self, content_type: str, reason: UntaggedReason) -> None:
        """A file was sent without the tags of now."""
        ...
