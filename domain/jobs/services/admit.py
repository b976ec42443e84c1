"""Admission control: a job that could not begin in time is refused before anything is written or charged."""

import math
from collections.abc import Mapping

import structlog

from domain.jobs.errors import Overloaded, TooManyJobs
from domain.jobs.model import Share
from domain.jobs.services.meter import JobMeter
from domain.jobs.stores.jobs import JobStore
from domain.kit.errors import DependencyUnavailable, DomainError
from domain.kit.queue import JobQueue, QueueName, Ticket

log = structlog.get_logger()

# Longer than this nobody should wait for a turn. It is less than the time after which waiting jobs are given up.
MAX_WAIT_SECONDS: Mapping[QueueName, float] = {
    QueueName.INTERACTIVE: 600.0,
    QueueName.STANDARD: 1800.0,
    QueueName.BATCH: 3000.0,
}


class JobAdmission:
    """Two limits: how many jobs of one person wait, and how much work waits in all."""

    def __init__(
        self,
        store: JobStore,
        queue: JobQueue,
        meter: JobMeter,
        max_wait_seconds: Mapping[QueueName, float] = MAX_WAIT_SECONDS,
    ) -> None:
        self._store = store
        self._queue = queue
        self._meter = meter
        self._max_wait_seconds = max_wait_seconds

    async def check(self, owner_id: str, share: Share, count: int) -> None:
        """Raises `TooManyJobs` and `Overloaded`. Without Redis nobody knows what waits, and jobs are accepted.

        The wait is that of this owner's turn: somebody else's long row alone shuts nobody out.
        """
        waiting = await self._store.count_waiting(owner_id)
        if waiting + count > share.max_waiting:
            raise self._refused(TooManyJobs(share.max_waiting, waiting))
        excess = await self.expected_wait(owner_id, share) - self._max_wait_seconds[share.queue]
        if excess > 0:
            raise self._refused(Overloaded(math.ceil(excess)))

    def _refused(self, problem: DomainError) -> DomainError:
        self._meter.refused(problem.code)
        return problem

    async def expected_wait(self, owner_id: str, share: Share) -> float:
        """Seconds until a job that this owner asks for now would begin; 0 while the queue cannot be asked."""
        ticket = Ticket("", "", 1, owner_id, share.queue, 1.0, share.weight, share.concurrency)
        try:
            return (await self._queue.outlook(ticket)).wait_seconds
        except DependencyUnavailable as error:
            log.warning("backlog_unknown", reason=error.detail)
            return 0.0
