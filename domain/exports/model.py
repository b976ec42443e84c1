"""An export of a person's data: one archive in object storage. Pure data."""

from dataclasses import dataclass
from datetime import datetime, timedelta

JOB_KIND = "export_account"
KEPT = timedelta(days=7)
LINK_LIVES = timedelta(minutes=15)
DAY = timedelta(days=1)
MAX_A_DAY = 5
NAME = "cadenza.zip"
CONTENT_TYPE = "application/zip"
# The archive of somebody with little takes seconds; how long one takes is learned while they are made.
NOMINAL_SECONDS = 20.0
DEADLINE_SECONDS = 3000.0
PART_BYTES = 8 << 20
# Storage takes a thousand parts. With parts that grow, they are 44 GB and no part is more than 80 MiB.
MOST_PARTS = 1000
PARTS_OF_A_SIZE = 100


@dataclass(frozen=True)
class Archive:
    """What was packed: its key in storage and its size in bytes."""

    key: str
    size_bytes: int


@dataclass(frozen=True)
class Export:
    """An export under its job's id. It is there to be fetched when it has an archive, until `expires_at`."""

    job_id: str
    owner_id: str
    created_at: datetime
    expires_at: datetime
    archive: Archive | None = None

    @property
    def folder(self) -> str:
        """Where its attempts put what they pack; nothing of anybody else is there."""
        return folder_of(self.owner_id, self.job_id)


@dataclass(frozen=True)
class ExportLink:
    """Where an archive can be fetched, by whoever has the address, until `expires_at`."""

    url: str
    expires_at: datetime


def folder_of(owner_id: str, job_id: str | None = None) -> str:
    """Of one export, or of all of a person."""
    return f"exports/{owner_id}" if job_id is None else f"exports/{owner_id}/{job_id}"


def part_bytes(number: int) -> int:
    """How large a part is, numbered from 1."""
    return PART_BYTES * (1 + (number - 1) // PARTS_OF_A_SIZE)
