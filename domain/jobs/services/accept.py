"""Accepting work: the record and its outbox line in the caller's transaction, the queue message after it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from domain.jobs.errors import IdempotencyConflict
from domain.jobs.events import WorkMessage
from domain.jobs.model import Job, NewJob, RetryPolicy
from domain.jobs.store import JobStore
from domain.kit.clock import Clock
from domain.kit.errors import DependencyUnavailable
from domain.kit.queue import JobQueue
from domain.kit.transactions import DuplicateKey, Session, Transactions

log = structlog.get_logger()

WriteRequest = Callable[[Session], Awaitable[None]]


class JobAcceptance:
    """Makes a job durable before anybody is told that it exists."""

    def __init__(
        self, store: JobStore, transactions: Transactions, queue: JobQueue, clock: Clock, policy: RetryPolicy
    ) -> None:
        self._store = store
        self._transactions = transactions
        self._queue = queue
        self._clock = clock
        self._policy = policy

    async def accept(self, new: NewJob, write_request: WriteRequest) -> Job:
        """Writes the job, its outbox line and the area's own request in one transaction, then enqueues.

        The same idempotency key with the same fingerprint returns the first job again; with another
        fingerprint it raises `IdempotencyConflict`.
        """
        repeated = await self._find_repeated(new)
        if repeated is not None:
            return repeated
        now = self._clock.now()
        expires_at = now + timedelta(seconds=self._policy.queue_seconds)

        async def work(session: Session) -> Job:
            job = await self._store.insert(new, now, expires_at, session)
            await write_request(session)
            return job

        try:
            job = await self._transactions.run(work)
        except DuplicateKey:
            winner = await self._find_repeated(new)
            if winner is None:
                raise
            return winner
        await self.dispatch(WorkMessage(job.kind, job.id, job.attempt))
        return job

    async def dispatch(self, message: WorkMessage, delay: timedelta = timedelta()) -> bool:
        """Sends one outbox line. A queue that is down is no failure: the sweeper sends it later."""
        try:
            await self._queue.enqueue(message.kind, message.job_id, message.attempt, delay)
        except DependencyUnavailable as error:
            log.warning("job_dispatch_postponed", job_id=message.job_id, reason=error.detail)
            return False
        await self._store.remove_message(message)
        return True

    async def _find_repeated(self, new: NewJob) -> Job | None:
        if new.idempotency_key is None:
            return None
        found = await self._store.find_by_key(new.owner_id, new.idempotency_key, self._clock.now())
        if found is None:
            return None
        job, fingerprint = found
        if fingerprint != new.fingerprint:
            raise IdempotencyConflict(new.idempotency_key)
        return job
