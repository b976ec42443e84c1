"""A picture that somebody brings to be a track's cover. Pure."""

from dataclasses import dataclass
from datetime import datetime

from domain.kit.errors import Issue
from domain.library.folders import folder_of

MAX_BYTES = 10_000_000
MAX_OPEN = 20
CONTENT_TYPES = frozenset({"image/jpeg", "image/png", "image/webp"})


@dataclass(frozen=True)
class NewCover:
    """What a person says of the picture. Nothing of it is believed later but the size."""

    track_id: str
    size_bytes: int
    content_type: str


@dataclass(frozen=True)
class CoverUpload:
    """As long as its address is good the picture can be sent again, and be made the cover again."""

    id: str
    owner_id: str
    track_id: str
    size_bytes: int
    created_at: datetime
    expires_at: datetime

    @property
    def folder(self) -> str:
        return f"cover-uploads/{self.id}"

    @property
    def key(self) -> str:
        """Where the brought bytes lie. Nobody is served from here."""
        return f"{self.folder}/source"


def cover_issues(new: NewCover) -> list[Issue]:
    issues = []
    if not 1 <= new.size_bytes <= MAX_BYTES:
        issues.append(Issue("sizeBytes", f"A cover's file has 1 to {MAX_BYTES:,} bytes."))
    if new.content_type.partition(";")[0].strip().lower() not in CONTENT_TYPES:
        known = ", ".join(sorted(CONTENT_TYPES))
        issues.append(Issue("contentType", f"{new.content_type[:80]!r} is not accepted. It may be: {known}."))
    return issues


def cover_key(track_id: str, cover_id: str) -> str:
    """In the track's own folder, with which it goes when the track is deleted for good."""
    return f"{folder_of(track_id)}/covers/{cover_id}.jpg"
