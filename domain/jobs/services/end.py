"""How a job comes to its end: its state, what it made, its money and who is told, in one transaction."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from domain.credits.services.ledger import CreditLedger
from domain.jobs.errors import JobCanceled, LeaseLost
from domain.jobs.model import DeadLetter, Job, JobProblem, JobStage, JobStatus, Lease
from domain.jobs.services.meter import JobMeter
from domain.jobs.services.observe import AfterCommit, JobObservers
from domain.jobs.services.tell import tell
from domain.jobs.stores.fields import final_fields
from domain.jobs.stores.jobs import JobStore
from domain.jobs.stores.steps import StepStore
from domain.kit.clock import Clock
from domain.kit.event_bus import EventBus
from domain.kit.transactions import Session, Transactions

Effects = Callable[[Session], Awaitable[None]]


@dataclass(frozen=True)
class _Ended:
    job: Job
    afterwards: Sequence[AfterCommit]


class JobEnding:
    """A job ends once, and with it its hold: charged when it succeeded, given back in full otherwise."""

    def __init__(
        self,
        store: JobStore,
        steps: StepStore,
        transactions: Transactions,
        ledger: CreditLedger,
        observers: JobObservers,
        events: EventBus,
        meter: JobMeter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._steps = steps
        self._transactions = transactions
        self._ledger = ledger
        self._observers = observers
        self._events = events
        self._meter = meter
        self._clock = clock

    async def succeed(self, lease: Lease, effects: Effects) -> Job:
        """`effects` (what the job made) are written in the same transaction or not at all.

        Raises `LeaseLost`, and `JobCanceled` when the owner has been promised that the job stops.
        """

        async def work(session: Session) -> _Ended:
            # First the job: a heartbeat or a sweep that comes now waits for the end of the transaction. Written last,
            # the job would have changed since the transaction began, however often it is repeated.
            now = self._clock.now()
            fields = final_fields(JobStatus.SUCCEEDED, None, now)
            job = held(await self._store.advance(lease, fields, now, JobStage.DONE, session))
            if job.cancel_requested:
                raise JobCanceled()
            await effects(session)
            await self._steps.remove(job.id, session=session)
            return await self._close(job, session)

        return await self._tell(await self._transactions.run(work))

    async def fail(
        self, lease: Lease, status: JobStatus, problem: JobProblem, dead_letter: DeadLetter | None = None
    ) -> Job:
        """Ends a running job without a result; raises `LeaseLost`."""

        async def work(session: Session) -> _Ended:
            now = self._clock.now()
            fields = {**final_fields(status, problem, now, dead_letter), "is_playable": False}
            return await self._close(held(await self._store.advance(lease, fields, now, session=session)), session)

        return await self._tell(await self._transactions.run(work))

    async def give_up(self, found: Job, status: JobStatus, problem: JobProblem) -> Job | None:
        """Ends a job that no worker holds; None when this attempt of it is not waiting any more."""

        async def work(session: Session) -> _Ended | None:
            job = await self._store.finish_queued(found, status, problem, self._clock.now(), session)
            return None if job is None else await self._close(job, session)

        ended = await self._transactions.run(work)
        return None if ended is None else await self._tell(ended)

    async def _close(self, job: Job, session: Session) -> _Ended:
        await self._ledger.settle(job.owner_id, job.hold_id, job.credits_charged, session)
        return _Ended(job, await self._observers.on_end(session, job))

    async def _tell(self, ended: _Ended) -> Job:
        self._meter.ended(ended.job)
        await tell(self._events, ended.job)
        for after in ended.afterwards:
            await after()
        return ended.job


def held(job: Job | None) -> Job:
    """The job that a write under the lease returned; raises `LeaseLost` when there was none to write."""
    if job is None:
        raise LeaseLost()
    return job
