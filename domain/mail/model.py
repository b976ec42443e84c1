"""A message on its way, and how patient its sender is. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LEASE = timedelta(seconds=60)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
PATIENCE = timedelta(hours=24)


class MailOutcome(StrEnum):
    """How an attempt to send a message ended."""

    SENT = "sent"
    POSTPONED = "postponed"
    REFUSED = "refused"
    GIVEN_UP = "given up"


@dataclass(frozen=True)
class PostedMail:
    """`attempts` counts those that were begun, this one included."""

    id: str
    sealed: str
    created_at: datetime
    attempts: int

    def next_due_at(self, now: datetime) -> datetime | None:
        """When to try again; None when it is no use any more."""
        if now - self.created_at >= PATIENCE:
            return None
        return now + min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self.attempts - 1, 10))
