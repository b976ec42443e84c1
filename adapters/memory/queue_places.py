"""Where a message stands and how long it will wait if nobody else comes: an estimate from tags and expected times."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.kit.queue import QueueName, QueuePlace, Ticket


@dataclass(frozen=True)
class Waiting:
    """A waiting ticket, when it came, and the start tag it has if nothing changes."""

    ticket: Ticket
    stamp: float
    tag: float


@dataclass(frozen=True)
class Line:
    """One queue: what waits in it, its start tag among the queues, and its share."""

    waiting: Sequence[Waiting]
    start: float
    share: float

    @property
    def seconds(self) -> float:
        return sum(waiting.ticket.cost_seconds for waiting in self.waiting)

    def served_until(self, tag: float) -> tuple[int, float]:
        """Messages and seconds that this queue gets until the virtual time of the queues reaches `tag`."""
        if not self.waiting:
            return 0, 0.0
        seconds = min(self.seconds, max(0.0, (tag - self.start) * self.share))
        return math.floor(len(self.waiting) * seconds / self.seconds), seconds


@dataclass(frozen=True)
class Outlook:
    """Everything an estimate needs: the queues, the tickets being worked on, the owners' limits, and the slots."""

    lines: Mapping[QueueName, Line]
    running: Sequence[Ticket]
    limits: Mapping[str, int]
    slots: int

    def place(self, job_id: str) -> QueuePlace | None:
        """None for a job that does not wait."""
        for queue, line in self.lines.items():
            ordered = sorted(line.waiting, key=lambda waiting: (waiting.tag, waiting.ticket.job_id))
            for rank, waiting in enumerate(ordered):
                if waiting.ticket.job_id == job_id:
                    return self._place(queue, rank, waiting)
        return None

    def place_if_put(self, waiting: Waiting) -> QueuePlace:
        """For a ticket that is not put: it would come behind those with the same tag."""
        line = self.lines[waiting.ticket.queue]
        rank = sum(other.tag <= waiting.tag for other in line.waiting)
        return self._place(waiting.ticket.queue, rank, waiting)

    def _place(self, queue: QueueName, rank: int, waiting: Waiting) -> QueuePlace:
        line = self.lines[queue]
        seconds = rank * line.seconds / max(1, len(line.waiting))
        tag = line.start + seconds / line.share
        position = rank
        for other in self.lines.values():
            if other is not line:
                count, elsewhere = other.served_until(tag)
                position, seconds = position + count, seconds + elsewhere
        wait = 0.0
        if position + len(self.running) >= self.slots:
            wait = (seconds + sum(ticket.cost_seconds for ticket in self.running) / 2) / self.slots
        return QueuePlace(position, max(wait, self._wait_at_limit(waiting)))

    def _wait_at_limit(self, waiting: Waiting) -> float:
        """An owner's messages also wait for those of the same owner."""
        ticket = waiting.ticket
        ahead = sum(
            (other.stamp, other.ticket.job_id) < (waiting.stamp, ticket.job_id)
            for other in self.lines[ticket.queue].waiting
            if other.ticket.owner_id == ticket.owner_id
        )
        ahead += sum(running.owner_id == ticket.owner_id for running in self.running)
        limit = self.limits.get(ticket.owner_id, ticket.concurrency)
        return max(0, ahead + 1 - limit) * ticket.cost_seconds / limit
