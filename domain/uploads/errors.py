"""Expected failures of uploads. What is wrong with a file itself is in `domain/kit/unusable_audio.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from domain.kit.errors import DomainError
from domain.uploads.model import UploadStatus


@dataclass
class TooManyUploads(DomainError):
    """As many files are under way as the plan allows."""

    limit: int
    code: ClassVar[str] = "TOO_MANY_UPLOADS"

    @property
    def message(self) -> str:
        return f"{self.limit} uploads of yours are open, which is the most at once. Complete or abort some of them."


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
