"""Expected failures of uploads. What is wrong with a file itself is in `domain/kit/audio/unusable_audio.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from domain.kit.errors import DomainError
from domain.kit.pictures import LEAST_SIDE, MOST_PIXELS, PictureFault
from domain.uploads.model import UploadStatus


@dataclass
class TooManyUploads(DomainError):
    """As many files are under way as the plan allows."""

    limit: int
    remedy: str = "Complete or abort some of them."
    code: ClassVar[str] = "TOO_MANY_UPLOADS"

    @property
    def message(self) -> str:
        return f"{self.limit} uploads of yours are open, which is the most at once. {self.remedy}"


@dataclass
class UploadClosed(DomainError):
    """Nothing more can be brought to this upload."""

    upload_id: str
    status: UploadStatus
    code: ClassVar[str] = "UPLOAD_CLOSED"

    @property
    def message(self) -> str:
        if self.status is UploadStatus.COMPLETED:
            return "This upload is complete, so it cannot be changed any more."
        return "This upload was aborted, or it was left for too long. Begin a new one."


@dataclass
class UploadIncomplete(DomainError):
    """Not all bytes have arrived, or others than the client believes."""

    missing: Sequence[int]
    code: ClassVar[str] = "UPLOAD_INCOMPLETE"

    @property
    def message(self) -> str:
        numbers = ", ".join(map(str, self.missing))
        return f"These parts of the file have not arrived as they should: {numbers}. Send them again, then complete."


_TOLD = {
    PictureFault.NOT_A_PICTURE: "This is no picture that is accepted here. Bring a JPEG, PNG or WebP.",
    PictureFault.DAMAGED: "The picture is damaged or was cut off.",
    PictureFault.TOO_SMALL: f"The picture is too small: each side has at least {LEAST_SIDE} pixels.",
    PictureFault.TOO_LARGE: f"The picture has too many pixels: at most {MOST_PIXELS / 1e6:g} million.",
}


@dataclass
class CoverRefused(DomainError):
    """What was brought cannot be a cover."""

    fault: PictureFault
    code: ClassVar[str] = "COVER_REFUSED"

    @property
    def message(self) -> str:
        return _TOLD[self.fault]


@dataclass
class CoverMissing(DomainError):
    """Nothing has arrived yet, or not all of it."""

    code: ClassVar[str] = "COVER_MISSING"

    @property
    def message(self) -> str:
        return "The picture has not arrived as it should. Send it to the address that you got, then try again."
