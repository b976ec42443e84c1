"""Finding what a crash left behind: unsent messages, lost queue entries, dead workers, forgotten jobs."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

import structlog

from domain.jobs.errors import LeaseLost
from domain.jobs.model import CANCELED_BY_OWNER, Job, JobProblem, JobStatus, Lease
from domain.jobs.services.accept import JobAcceptance
from domain.jobs.services.end import JobEnding
from domain.jobs.services.run import JobRunning
from domain.jobs.stores.jobs import JobStore
from domain.kit import processes
from domain.kit.clock import Clock
from domain.kit.errors import DependencyUnavailable
from domain.kit.queue import JobQueue

log = structlog.get_logger()

T = TypeVar("T")

BATCH = 500
AT_ONCE = 8
UNSENT_GRACE = timedelta(seconds=2)
PICK_UP_GRACE = timedelta(seconds=20)

WORKER_LOST = JobProblem("WORKER_LOST", "The workers on this job died again and again. Please try again.")
WAITED_TOO_LONG = JobProblem("EXPIRED", "No worker was free for too long, so this job was given up.")


class JobSweeping:
    """Runs every few seconds in every worker; all of it is safe to run many times at once."""

    def __init__(
        self,
        store: JobStore,
        acceptance: JobAcceptance,
        running: JobRunning,
        ending: JobEnding,
        queue: JobQueue,
        clock: Clock,
    ) -> None:
        self._store = store
        self._acceptance = acceptance
        self._running = running
        self._ending = ending
        self._queue = queue
        self._clock = clock

    async def sweep(self) -> int:
        """One round; returns how many jobs it had to touch. One job that cannot be mended does not stop the others."""
        now = self._clock.now()
        touched = await self._each(await self._store.canceled_in_line(BATCH), self._end_canceled)
        touched += await self._each(await self._store.waited_too_long(now, BATCH), self._expire)
        touched += await self._each(await self._abandoned(), self._recover)
        touched += await self._send_unsent()
        touched += await self._enqueue_lost()
        return touched

    async def _each(self, found: Sequence[T], mend: Callable[[T], Awaitable[None]]) -> int:
        """Some at a time: one that somebody's broken transaction has locked is waited for, the others are not held up.

        Raises `DependencyUnavailable` when none of them could be mended for it.
        """
        places = asyncio.Semaphore(AT_ONCE)

        async def one(item: T) -> None:
            async with places:
                await mend(item)

        ends = await asyncio.gather(*(one(item) for item in found), return_exceptions=True)
        failures = [end for end in ends if isinstance(end, Exception)]
        for failure in failures:
            log.error("job_not_mended", exc_info=failure)
        if found and all(isinstance(end, DependencyUnavailable) for end in ends):
            raise failures[0]
        return len(found) - len(failures)

    async def backlog(self) -> Mapping[JobStatus, int]:
        """How many jobs wait and how many run."""
        return await self._store.count_by_status()

    async def _send_unsent(self) -> int:
        return await self._dispatch_all(await self._store.unsent(self._clock.now() - UNSENT_GRACE, BATCH))

    async def _enqueue_lost(self) -> int:
        """Jobs whose message was sent and that the queue does not know any more: it was emptied.

        As long as the queue counts as many as there are, none is looked for. Sending a message twice does no harm,
        because only one worker can claim an attempt.
        """
        try:
            if await self._is_complete():
                return 0
            return await self._look_for_lost()
        except DependencyUnavailable as error:
            log.warning("queue_not_compared", reason=error.detail)
            return 0

    async def _is_complete(self) -> bool:
        waiting = await self._store.count_due(self._clock.now())
        return waiting == 0 or sum((await self._queue.backlog()).waiting.values()) >= waiting

    async def _look_for_lost(self) -> int:
        sent, last = 0, None
        before = self._clock.now() - PICK_UP_GRACE
        while jobs := await self._store.waiting_since(before, BATCH, last):
            known = await self._queue.places([job.id for job in jobs])
            sent += await self._dispatch_all([job for job in jobs if job.id not in known])
            last = jobs[-1].id
        return sent

    async def _dispatch_all(self, jobs: Sequence[Job]) -> int:
        for sent, job in enumerate(jobs):
            if not await self._acceptance.dispatch(job):
                return sent
        return len(jobs)

    async def _abandoned(self) -> Sequence[tuple[Job, Lease]]:
        """Nobody need wait for the lease of a worker that is seen to have died, because it was on this machine."""
        neighbours = await self._store.workers(processes.this_machine())
        gone = [worker for worker in neighbours if processes.is_gone(worker)]
        return await self._store.abandoned(self._clock.now(), gone, BATCH)

    async def _recover(self, found: tuple[Job, Lease]) -> None:
        job, lease = found
        log.warning("job_abandoned", job_id=job.id, attempt=job.attempt, worker=lease.worker)
        try:
            # no server that could need a rest has failed
            await self._running.retry(lease, WORKER_LOST, f"worker {lease.worker} was lost", at_once=True)
        except LeaseLost:
            log.info("job_recovered_elsewhere", job_id=job.id)

    async def _end_canceled(self, job: Job) -> None:
        await self._give_up(job, JobStatus.CANCELED, CANCELED_BY_OWNER)

    async def _expire(self, job: Job) -> None:
        await self._give_up(job, JobStatus.EXPIRED, WAITED_TOO_LONG)

    async def _give_up(self, job: Job, status: JobStatus, problem: JobProblem) -> None:
        """A message that stays in the queue does no harm: nobody can claim a job that is finished."""
        await self._ending.give_up(job, status, problem)
        with suppress(DependencyUnavailable):
            await self._queue.withdraw(job.id)
