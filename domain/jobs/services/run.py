"""What a worker may do with a job: claim it, keep it alive, report, and end it. All of it under a lease."""

import random
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from domain.jobs.errors import DeadlineExceeded, JobCanceled, LeaseLost
from domain.jobs.events import WorkMessage
from domain.jobs.model import CANCELED_BY_OWNER, Job, JobProblem, JobStage, JobStatus, Lease, RetryPolicy, StageTime
from domain.jobs.services.accept import JobAcceptance
from domain.jobs.services.tell import tell
from domain.jobs.store import JobStore, final_fields
from domain.kit.clock import Clock
from domain.kit.event_bus import EventBus
from domain.kit.transactions import Session, Transactions

Effects = Callable[[Session], Awaitable[None]]


class JobRunning:
    """The worker's side of a job. A lease that is over makes every call raise `LeaseLost`."""

    def __init__(
        self,
        store: JobStore,
        transactions: Transactions,
        events: EventBus,
        acceptance: JobAcceptance,
        clock: Clock,
        policy: RetryPolicy,
    ) -> None:
        self._store = store
        self._transactions = transactions
        self._events = events
        self._acceptance = acceptance
        self._clock = clock
        self.policy = policy

    async def claim(self, job_id: str, attempt: int, worker: str) -> Lease | None:
        """A fresh lease, or None when this attempt is no longer there to be taken."""
        limits = await self._store.limits(job_id)
        if limits is None:
            return None
        expected, deadline = limits
        now = self._clock.now()
        lease = Lease(
            job_id=job_id,
            attempt=attempt,
            token=secrets.token_hex(16),
            worker=worker,
            started_at=now,
            deadline_at=now + timedelta(seconds=deadline),
            expected_seconds=expected,
        )
        job = await self._store.claim(lease, now, self._lease_end())
        if job is None:
            return None
        await tell(self._events, job)
        return lease

    async def heartbeat(self, lease: Lease) -> None:
        """Keeps the lease; raises `JobCanceled` or `DeadlineExceeded` when the work must stop."""
        job = self._held(await self._store.extend_lease(lease, self._lease_end()))
        if job.cancel_requested:
            raise JobCanceled()
        if self._clock.now() >= lease.deadline_at:
            raise DeadlineExceeded()

    async def enter(self, lease: Lease, stage: JobStage, progress: float) -> Job:
        """Begins a stage and says so; raises `JobCanceled` when the owner has asked to stop."""
        entered = StageTime(stage, self._clock.now())
        return await self._go_on(lease, {"stage": stage, "progress": progress}, entered)

    async def report(self, lease: Lease, progress: float, *, is_playable: bool = False) -> Job:
        """Says how far the work is, 0..1; raises `JobCanceled` when the owner has asked to stop."""
        fields: dict[str, Any] = {"progress": progress}
        if is_playable:
            fields["is_playable"] = True
        return await self._go_on(lease, fields, None)

    async def succeed(self, lease: Lease, effects: Effects) -> Job:
        """Ends the job well; `effects` (what the job made) are written in the same transaction or not at all.

        Raises `JobCanceled`, with nothing written, when the owner has been promised that the job stops.
        """

        async def work(session: Session) -> Job:
            await effects(session)
            done = StageTime(JobStage.DONE, self._clock.now())
            fields = final_fields(JobStatus.SUCCEEDED, None, self._clock.now())
            ended = self._held(await self._store.advance(lease, fields, done, session))
            if ended.cancel_requested:
                raise JobCanceled()
            return ended

        job = await self._transactions.run(work)
        await tell(self._events, job)
        return job

    async def fail(self, lease: Lease, status: JobStatus, problem: JobProblem) -> Job:
        """Ends the job without a result."""
        fields = final_fields(status, problem, self._clock.now())
        return await self._advance(lease, {**fields, "is_playable": False}, None)

    async def retry(self, lease: Lease, problem: JobProblem) -> Job:
        """Puts the next attempt into the queue, or ends the job when it was canceled or has no attempt left."""
        current = await self._store.find(lease.job_id)
        if current is not None and current.cancel_requested:
            return await self.fail(lease, JobStatus.CANCELED, CANCELED_BY_OWNER)
        if lease.attempt >= self.policy.max_attempts:
            return await self.fail(lease, JobStatus.FAILED, problem)
        delay = timedelta(seconds=self.policy.backoff(lease.attempt, random.random()))
        now = self._clock.now()
        expires_at = now + delay + timedelta(seconds=self.policy.queue_seconds)

        async def work(session: Session) -> Job:
            return self._held(await self._store.requeue(lease, now, now + delay, expires_at, session))

        job = await self._transactions.run(work)
        await self._acceptance.dispatch(WorkMessage(job.kind, job.id, job.attempt), delay)
        await tell(self._events, job)
        return job

    async def expire(self, job_id: str, problem: JobProblem) -> Job | None:
        """Gives up a job that nobody took in time; None when a worker took it after all."""
        job = await self._store.finish_queued(job_id, JobStatus.EXPIRED, problem, self._clock.now())
        if job is not None:
            await tell(self._events, job)
        return job

    async def _go_on(self, lease: Lease, fields: dict[str, Any], entered: StageTime | None) -> Job:
        left = lease.seconds_left(self._clock.now(), fields["progress"])
        job = await self._advance(lease, {**fields, "eta_seconds": round(left, 1)}, entered)
        if job.cancel_requested:
            raise JobCanceled()
        return job

    async def _advance(self, lease: Lease, fields: dict[str, Any], entered: StageTime | None) -> Job:
        job = self._held(await self._store.advance(lease, fields, entered))
        await tell(self._events, job)
        return job

    def _lease_end(self) -> datetime:
        return self._clock.now() + timedelta(seconds=self.policy.lease_seconds)

    @staticmethod
    def _held(job: Job | None) -> Job:
        if job is None:
            raise LeaseLost()
        return job
