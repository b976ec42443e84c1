"""The place in a person's feed that a client goes on behind. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.kit.event_bus import order_of
from domain.kit.ids import is_id

# Milliseconds since 1970 up to the year 5138; no feed has so many posts in one of them either.
MAX_NUMBER = 10**14
MAX_TEXT = 50_000


@dataclass(frozen=True)
class FeedCursor:
    """A position of the bus, and the revisions by job id that were told of late.

    As text: `milliseconds-number`, then `~id.revision` for each of those.
    """

    position: str
    told: Mapping[str, int]

    def __str__(self) -> str:
        return self.position + "".join(f"~{job_id}.{revision}" for job_id, revision in self.told.items())

    @classmethod
    def parse(cls, text: str) -> "FeedCursor":
        """Raises `ValueError` for a text that is no cursor."""
        if len(text) > MAX_TEXT:
            raise ValueError("too long")
        position, *parts = text.split("~")
        if max(order_of(position)) >= MAX_NUMBER:
            raise ValueError(position)
        return cls(position, dict(_told(part) for part in parts))


def _told(part: str) -> tuple[str, int]:
    job_id, revision = part.split(".")
    if not (is_id(job_id) and revision.isascii() and revision.isdigit() and len(revision) <= 9):
        raise ValueError(part)
    return job_id, int(revision)
