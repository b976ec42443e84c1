"""What a worker may do with a job: claim it, keep it alive, report, and end it. All of it under a lease."""

import random
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from domain.jobs.errors import DeadlineExceeded, JobCanceled
from domain.jobs.model import CANCELED_BY_OWNER, DeadLetter, Job, JobProblem, JobStage, JobStatus, Lease, RetryPolicy
from domain.jobs.services.accept import JobAcceptance
from domain.jobs.services.end import Effects, JobEnding, held
from domain.jobs.services.tell import tell
from domain.jobs.stores.jobs import JobStore
from domain.kit.clock import Clock
from domain.kit.event_bus import EventBus
from domain.kit.transactions import Session, Transactions

T = TypeVar("T")


class JobRunning:
    """The worker's side of a job. A lease that is over makes every call raise `LeaseLost`."""

    def __init__(
        self,
        store: JobStore,
        transactions: Transactions,
        events: EventBus,
        acceptance: JobAcceptance,
        ending: JobEnding,
        clock: Clock,
        policy: RetryPolicy,
    ) -> None:
        self._store = store
        self._transactions = transactions
        self._events = events
        self._acceptance = acceptance
        self._ending = ending
        self._clock = clock
        self.policy = policy

    async def claim(self, job_id: str, attempt: int, worker: str) -> Lease | None:
        """A fresh lease, or None when this attempt is no longer there to be taken."""
        token = secrets.token_hex(16)
        now = self._clock.now()
        claimed = await self._store.claim(job_id, attempt, token, worker, now, self._lease_end(now))
        if claimed is None:
            return None
        job, lease = claimed
        await tell(self._events, job)
        return lease

    async def heartbeat(self, lease: Lease) -> None:
        """Keeps the lease; raises `JobCanceled` or `DeadlineExceeded` when the work must stop.

        One that comes while the job succeeds waits for it, and then has nothing left to keep.
        """
        now = self._clock.now()
        extended = await self._store.extend_lease(lease, self._lease_end(now))
        if extended is None and await self._has_succeeded(lease):
            return
        job = held(extended)
        if job.cancel_requested:
            raise JobCanceled()
        if now >= lease.deadline_at or (job.stage_deadline is not None and now >= job.stage_deadline):
            raise DeadlineExceeded()

    async def under(self, lease: Lease, work: Callable[[Session], Awaitable[T]]) -> T:
        """Runs the work in a transaction that is tied to the lease; raises `LeaseLost` when it is over."""

        async def tied(session: Session) -> T:
            held(await self._store.extend_lease(lease, self._lease_end(self._clock.now()), session))
            return await work(session)

        return await self._transactions.run(tied)

    async def enter(self, lease: Lease, stage: JobStage, progress: float) -> Job:
        """Begins a stage and says so; raises `JobCanceled` when the owner has asked to stop."""
        return await self._go_on(lease, {"stage": stage, "progress": progress}, stage)

    async def report(self, lease: Lease, progress: float, *, is_playable: bool = False) -> Job:
        """Says how far the work is, 0..1; raises `JobCanceled` when the owner has asked to stop."""
        fields: dict[str, Any] = {"progress": progress}
        if is_playable:
            fields["is_playable"] = True
        return await self._go_on(lease, fields, None)

    async def succeed(self, lease: Lease, effects: Effects) -> Job:
        """See `JobEnding.succeed`."""
        return await self._ending.succeed(lease, effects)

    async def cancel(self, lease: Lease) -> Job:
        """Ends the job as its owner asked."""
        return await self._ending.fail(lease, JobStatus.CANCELED, CANCELED_BY_OWNER)

    async def refuse(self, lease: Lease, problem: JobProblem) -> Job:
        """Ends the job for a reason that lies in the request, and that another attempt would meet again."""
        return await self._ending.fail(lease, JobStatus.FAILED, problem)

    async def bury(self, lease: Lease, problem: JobProblem, detail: str) -> Job:
        """Ends the job for good and keeps it as a dead letter, for operators to look at and to drive again."""
        letter = DeadLetter(problem.code, detail, self._clock.now())
        return await self._ending.fail(lease, JobStatus.FAILED, problem, letter)

    async def retry(self, lease: Lease, problem: JobProblem, detail: str, *, at_once: bool = False) -> Job:
        """Puts the next attempt into the queue after a pause; a job that failed too often becomes a dead letter."""
        job = held(await self._store.find(lease.job_id))
        if job.failures + 1 >= self.policy.max_attempts and not job.cancel_requested:
            return await self.bury(lease, problem, detail)
        pause = 0.0 if at_once else self.policy.backoff(job.failures + 1, random.random())
        return await self._queue_again(lease, timedelta(seconds=pause), failed=True)

    async def hand_back(self, lease: Lease, pause: timedelta = timedelta()) -> Job:
        """Puts the job back, because this worker stops or others wait: nothing went wrong, so nothing is used up."""
        return await self._queue_again(lease, pause, failed=False)

    async def _queue_again(self, lease: Lease, delay: timedelta, *, failed: bool) -> Job:
        now = self._clock.now()
        due_at = now + delay
        gives_up_at = self.policy.gives_up_at(due_at)

        async def work(session: Session) -> Job:
            job = held(await self._store.requeue(lease, now, due_at, gives_up_at, failed=failed, session=session))
            if job.cancel_requested:
                raise JobCanceled()
            return job

        try:
            job = await self._transactions.run(work)
        except JobCanceled:
            return await self.cancel(lease)
        await self._acceptance.dispatch(job, delay)
        await tell(self._events, job)
        return job

    async def _go_on(self, lease: Lease, fields: dict[str, Any], entered: JobStage | None) -> Job:
        now = self._clock.now()
        left = lease.seconds_left(now, fields["progress"])
        fields = {**fields, "eta_seconds": round(left, 1)}
        job = held(await self._store.advance(lease, fields, now, entered))
        await tell(self._events, job)
        if job.cancel_requested:
            raise JobCanceled()
        return job

    async def _has_succeeded(self, lease: Lease) -> bool:
        """Under this lease: nobody else can make an attempt succeed."""
        job = await self._store.find(lease.job_id)
        return job is not None and (job.status, job.attempt) == (JobStatus.SUCCEEDED, lease.attempt)

    def _lease_end(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self.policy.lease_seconds)
