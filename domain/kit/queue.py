"""The port to the work queue. A message is only a hint: MongoDB says what is to be done."""

from datetime import timedelta
from typing import Protocol


class JobQueue(Protocol):
    """Hands `(job id, attempt)` to a worker, at least once, as long as the queue server lives."""

    async def enqueue(self, kind: str, job_id: str, attempt: int, delay: timedelta = timedelta()) -> None:
        """Raises `DependencyUnavailable` when the queue cannot be reached."""
        ...
