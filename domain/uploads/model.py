"""A file that somebody brings: what may be brought, in which parts it comes, and what becomes of it. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.credits.model import Plan
from domain.idempotency.model import key_issues
from domain.jobs.model import JobStage
from domain.kit.audio.audio_decoding import EmbeddedTags
from domain.kit.blob_intake import ReceivedPart
from domain.kit.errors import Issue
from domain.kit.prose import is_seen, text_issues
from domain.library.model import Descent

JOB_KIND = "process_upload"

MEBIBYTE = 1 << 20
# Up to this a file comes whole, and beyond it in parts of this size. Storage takes no parts below 5 MiB but the last.
PART_BYTES = 8 * MEBIBYTE
URLS_LIVE = timedelta(hours=1)
LIVES = timedelta(days=1)

MAX_FILE_NAME = 255
MAX_TITLE = 120
UNTITLED = "Untitled"

CONTENT_TYPES = frozenset(
    {
        "application/ogg",
        "audio/aac",
        "audio/aacp",
        "audio/flac",
        "audio/m4a",
        "audio/mp3",
        "audio/mp4",
        "audio/mpeg",
        "audio/ogg",
        "audio/opus",
        "audio/vnd.wave",
        "audio/wav",
        "audio/wave",
        "audio/x-flac",
        "audio/x-m4a",
        "audio/x-wav",
    }
)

# What the file turned out to be decides how the original is named and served; what was claimed does not.
ORIGINALS: Mapping[str, tuple[str, str]] = {
    "wav": ("original.wav", "audio/wav"),
    "flac": ("original.flac", "audio/flac"),
    "mp3": ("original.mp3", "audio/mpeg"),
    "ogg": ("original.ogg", "audio/ogg"),
    "mp4": ("original.m4a", "audio/mp4"),
    "aac": ("original.aac", "audio/aac"),
}

STARTS: Mapping[JobStage, float] = {
    JobStage.UNDERSTANDING: 0.01,
    JobStage.RENDERING: 0.15,
    JobStage.FINALIZING: 0.85,
}
NOMINAL_START_SECONDS, NOMINAL_SECONDS_PER_MEGABYTE = 2.0, 0.3
DEADLINE_START_SECONDS, DEADLINE_SECONDS_PER_SECOND = 120.0, 1.0
STAGE_SECONDS: Mapping[JobStage, float] = {JobStage.UNDERSTANDING: 120.0, JobStage.FINALIZING: 300.0}


class UploadStatus(StrEnum):
    OPEN = "OPEN"
    COMPLETED = "COMPLETED"
    ABORTED = "ABORTED"


class LyricsUse(StrEnum):
    """What became of words that stand in a file."""

    SYNCHRONISED = "SYNCHRONISED"
    PLAIN = "PLAIN"
    NOT_USED = "NOT_USED"


@dataclass(frozen=True)
class LyricsNote:
    """`left_out` says what of the words could not be used and why; empty where all of them were."""

    use: LyricsUse
    left_out: str = ""


@dataclass(frozen=True)
class UploadLimits:
    """What this installation takes, whatever the plan: bytes of a file, seconds of sound, files under way at once."""

    max_bytes: int
    max_seconds: float
    max_open: int

    def within(self, plan: Plan) -> "UploadLimits":
        """What is left of it under a plan."""
        return UploadLimits(
            min(self.max_bytes, plan.max_upload_bytes),
            min(self.max_seconds, plan.max_upload_seconds),
            min(self.max_open, plan.max_open_uploads),
        )


@dataclass(frozen=True)
class NewUpload:
    """What a person says of the file they want to bring. Nothing of it is believed later."""

    file_name: str
    size_bytes: int
    content_type: str
    descent: Descent | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True)
class Part:
    """A piece of the file, numbered from 1."""

    number: int
    offset_bytes: int
    size_bytes: int


@dataclass(frozen=True)
class MissingPart:
    """A piece that has not arrived, and where to PUT it."""

    part: Part
    url: str
    expires_at: datetime


@dataclass(frozen=True)
class Upload:
    """`gathering` is storage's name for the parts of a large file; the ids of what comes of it are chosen at once.

    `max_seconds` is what the plan allowed when it was opened. `tags` are there once the file was read, and `lyrics`
    if there are words in it. With a `descent` it becomes one more version of a track, and `artist` and `title` are that
    track's.
    """

    id: str
    owner_id: str
    artist: str
    file_name: str
    size_bytes: int
    content_type: str
    gathering: str | None
    max_seconds: float
    status: UploadStatus
    created_at: datetime
    expires_at: datetime
    track_id: str
    version_id: str
    job_id: str | None = None
    title: str | None = None
    tags: EmbeddedTags | None = None
    lyrics: LyricsNote | None = None
    descent: Descent | None = None

    @property
    def folder(self) -> str:
        return f"uploads/{self.id}"

    @property
    def key(self) -> str:
        """Where the brought bytes lie. Addresses to it may outlive its job, so nobody is served from here."""
        return f"{self.folder}/source"

    @property
    def parts(self) -> tuple[Part, ...]:
        size = self.size_bytes if self.gathering is None else PART_BYTES
        offsets = range(0, self.size_bytes, size)
        return tuple(
            Part(number, offset, min(size, self.size_bytes - offset)) for number, offset in enumerate(offsets, 1)
        )

    def missing(self, received: Sequence[ReceivedPart]) -> tuple[Part, ...]:
        """Parts that have not arrived in their full length."""
        sizes = {part.number: part.size_bytes for part in received}
        return tuple(part for part in self.parts if sizes.get(part.number) != part.size_bytes)

    def credited(self, tags: EmbeddedTags) -> str:
        """Whom the file names, else who has brought it; of a version, whom its track names."""
        return self.artist if self.descent is not None else tags.artist or self.artist

    def titled(self, tags: EmbeddedTags) -> str:
        """What the person called it, else what the file calls itself, else the file's name without its ending."""
        stem = self.file_name.rpartition("/")[2].rpartition("\\")[2]
        stem = stem.rpartition(".")[0] or stem
        names = (self.title or "", tags.title, stem.strip())
        return next((name for name in names if is_seen(name)), UNTITLED)[:MAX_TITLE]


def comes_in_parts(size_bytes: int) -> bool:
    return size_bytes > PART_BYTES


def upload_issues(new: NewUpload, limits: UploadLimits) -> list[Issue]:
    """Everything that is wrong with the wish to bring a file, whatever the plan."""
    issues = []
    if not 1 <= len(new.file_name) <= MAX_FILE_NAME or not new.file_name.isprintable():
        issues.append(Issue("fileName", f"A file name has 1 to {MAX_FILE_NAME} printable characters."))
    if new.size_bytes < 1:
        issues.append(Issue("sizeBytes", "An empty file holds no music."))
    elif new.size_bytes > limits.max_bytes:
        issues.append(
            Issue("sizeBytes", f"The file has {new.size_bytes:,} bytes; at most {limits.max_bytes:,} are accepted.")
        )
    if new.content_type.partition(";")[0].strip().lower() not in CONTENT_TYPES:
        known = ", ".join(sorted(CONTENT_TYPES))
        issues.append(Issue("contentType", f"{new.content_type[:80]!r} is not accepted. It may be: {known}."))
    return issues + key_issues(new.idempotency_key)


def title_issues(title: str | None) -> list[Issue]:
    return text_issues("title", None if title is None else title.strip(), 1, MAX_TITLE, "A title")


def nominal_seconds(size_bytes: int) -> float:
    """What a file of this size takes on the machine of the README; the rest is learned while it runs."""
    return NOMINAL_START_SECONDS + NOMINAL_SECONDS_PER_MEGABYTE * math.ceil(size_bytes / 1e6)


def deadline_seconds(max_seconds: float) -> float:
    """How long an attempt may take for the longest recording that is accepted."""
    return DEADLINE_START_SECONDS + DEADLINE_SECONDS_PER_SECOND * max_seconds


def stage_limits(max_seconds: float) -> Mapping[JobStage, float]:
    """The most that each stage may take, in seconds."""
    return {**STAGE_SECONDS, JobStage.RENDERING: deadline_seconds(max_seconds)}
