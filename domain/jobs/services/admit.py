"""Admission control: a job that could not begin in time is refused before anything is written or charged."""

import math
from collections.abc import Mapping

import structlog

from domain.jobs.errors import Overloaded, TooManyJobs
from domain.jobs.model import Share
from domain.jobs.services.meter import JobMeter
from domain.jobs.stores.jobs import JobStore
from domain.kit.errors import DependencyUnavailable, DomainError
from domain.kit.queue import Backlog, JobQueue, QueueName

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
        """Raises `TooManyJobs` and `Overloaded`. Without Redis nobody knows the backlog, and jobs are accepted."""
        waiting = await self._store.count_waiting(owner_id)
        if waiting + count > share.max_waiting:
            raise self._refused(TooManyJobs(share.max_waiting, waiting))
        excess = await self.expected_wait(share) - self._max_wait_seconds[share.queue]
        if excess > 0:
            raise self._refused(Overloaded(math.ceil(excess)))

    def _refused(self, problem: DomainError) -> DomainError:
        self._meter.refused(problem.code)
        return problem

    async def expected_wait(self, share: Share) -> float:
        """Seconds that a job with this share would wait now; 0 while nobody knows the backlog."""
        try:
            return wait_behind(await self._queue.backlog(), share.queue)
        except DependencyUnavailable as error:
            log.warning("backlog_unknown", reason=error.detail)
            return 0.0


def wait_behind(backlog: Backlog, queue: QueueName) -> float:
    """Seconds until everything that waits in this queue and in those before it has begun."""
    before = list(QueueName)[: list(QueueName).index(queue) + 1]
    return sum(backlog.seconds.get(name, 0.0) for name in before) / max(1, backlog.slots)
