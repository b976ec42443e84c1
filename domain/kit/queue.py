"""The port to the work queue: fair, by priority, and no more than a hint. MongoDB says what is to be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol


class QueueName(StrEnum):
    """Queues share the workers by weight; inside one, people share by weighted fair queuing."""

    INTERACTIVE = "INTERACTIVE"
    STANDARD = "STANDARD"
    BATCH = "BATCH"


@dataclass(frozen=True)
class Ticket:
    """One attempt of one job that wants a worker.

    `cost_seconds` is the expected service time, `weight` the owner's share inside the queue, `concurrency` how many
    of the owner's jobs may run at once, in all queues together.
    """

    kind: str
    job_id: str
    attempt: int
    owner_id: str
    queue: QueueName
    cost_seconds: float
    weight: float
    concurrency: int


@dataclass(frozen=True)
class QueuePlace:
    """How many jobs will be served before this one, and after how many seconds its turn comes, as it looks now."""

    position: int
    wait_seconds: float


@dataclass(frozen=True)
class Backlog:
    """What waits in each queue, in messages and in seconds of work, and how many jobs the workers do at once."""

    waiting: Mapping[QueueName, int]
    seconds: Mapping[QueueName, float]
    slots: int


class JobQueue(Protocol):
    """Hands `(job id, attempt)` to workers, at least once, as long as the queue server lives.

    All methods raise `DependencyUnavailable` when the queue cannot be reached.
    """

    async def enqueue(self, ticket: Ticket, delay: timedelta = timedelta()) -> None:
        """The same attempt is kept once, however often it is put. A new attempt replaces one that still waits."""
        ...

    async def withdraw(self, job_id: str) -> None:
        """Takes a waiting job out; nothing happens when there is none."""
        ...

    async def places(self, job_ids: Sequence[str]) -> Mapping[str, QueuePlace]:
        """Where these jobs stand; those that do not wait are left out."""
        ...

    async def outlook(self, ticket: Ticket) -> QueuePlace:
        """Where this ticket would stand if it were put now. Nothing is put."""
        ...

    async def backlog(self) -> Backlog: ...
