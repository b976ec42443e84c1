"""What the queue hands to a worker."""

from dataclasses import dataclass

from domain.kit.queue import Ticket


@dataclass(frozen=True)
class Handed:
    """A message that now belongs to a worker, and how long it had waited since it could have been taken."""

    ticket: Ticket
    waited_seconds: float


@dataclass(frozen=True)
class Hand:
    """What one look into the queue gave; `look_again_seconds` is when the passing of time may bring more."""

    handed: tuple[Handed, ...]
    look_again_seconds: float | None


def message_id(job_id: str, attempt: int) -> str:
    """The id under which arq carries an attempt; the scripts build the same."""
    return f"{job_id}:{attempt}"
