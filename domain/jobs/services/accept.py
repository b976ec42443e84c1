"""Accepting work: record, hold and outbox line in one transaction, the queue's message after it."""

import math
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog

from domain.credits.services.ledger import CreditLedger
from domain.idempotency.model import KeyedCall
from domain.idempotency.service import Idempotency
from domain.jobs.model import Forecast, Job, NewJob, RetryPolicy, Share
from domain.jobs.services.admit import JobAdmission
from domain.jobs.services.meter import JobMeter
from domain.jobs.services.service_times import ServiceTimes
from domain.jobs.services.tell import tell
from domain.jobs.stores.jobs import JobStore
from domain.kit.clock import Clock
from domain.kit.errors import DependencyUnavailable
from domain.kit.event_bus import EventBus
from domain.kit.queue import JobQueue
from domain.kit.transactions import Session

log = structlog.get_logger()

WriteRequests = Callable[[Session], Awaitable[None]]


class JobAcceptance:
    """Makes jobs durable, and their price secure, before anybody is told that they exist."""

    def __init__(
        self,
        store: JobStore,
        ledger: CreditLedger,
        idempotency: Idempotency,
        admission: JobAdmission,
        times: ServiceTimes,
        queue: JobQueue,
        events: EventBus,
        meter: JobMeter,
        clock: Clock,
        policy: RetryPolicy,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._idempotency = idempotency
        self._admission = admission
        self._times = times
        self._queue = queue
        self._events = events
        self._meter = meter
        self._clock = clock
        self._policy = policy

    async def accept(
        self, new: Sequence[NewJob], call: KeyedCall | None, write_requests: WriteRequests
    ) -> Sequence[Job]:
        """Writes all of these jobs of one owner, with the area's own requests, or none of them.

        A repeated call returns the jobs of the first one. Raises `IdempotencyConflict`, `InsufficientCredits`,
        `TooManyJobs` and `Overloaded`.
        """
        if (repeated := await self.repeated(call)) is not None:
            return repeated
        await self._admission.check(new[0].owner_id, new[0].share, len(new))
        ratio = await self._times.ratio(new[0].kind)
        accepted: list[Job] = []

        async def work(session: Session) -> Sequence[str]:
            accepted[:] = [await self._write(job, ratio, session) for job in new]
            await write_requests(session)
            return [job.id for job in accepted]

        ids, made = await self._idempotency.once(call, work)
        if not made:
            return await self._store.find_many(ids)
        for job in accepted:
            self._meter.accepted(job)
        await self._dispatch_all(accepted)
        for job in accepted:
            await tell(self._events, job)
        return accepted

    async def _dispatch_all(self, jobs: Sequence[Job]) -> None:
        """As far as the queue answers: nobody waits for a queue that is down once for each job."""
        for job in jobs:
            if not await self.dispatch(job):
                return

    async def _write(self, new: NewJob, ratio: float, session: Session) -> Job:
        now = self._clock.now()
        expected = new.nominal_seconds * ratio
        job = await self._store.insert(new, expected, now, self._policy.gives_up_at(now), session)
        await self._ledger.hold(job.owner_id, job.price, job.hold_id, job.id, session)
        return job

    async def repeated(self, call: KeyedCall | None) -> Sequence[Job] | None:
        """The jobs of an earlier call with this key, as they are now; raises `IdempotencyConflict`."""
        found = await self._idempotency.results_of(call)
        return None if found is None else await self._store.find_many(found)

    async def forecast(self, kind: str, owner_id: str, nominal_seconds: float, share: Share, count: int) -> Forecast:
        """How long jobs like this would wait now, and how long they take, as many at once as the plan allows."""
        work = nominal_seconds * await self._times.ratio(kind)
        at_once = max(1, min(count, share.concurrency))
        return Forecast(await self._admission.expected_wait(owner_id, share), work * math.ceil(count / at_once))

    async def dispatch(self, job: Job, delay: timedelta = timedelta()) -> bool:
        """Sends one outbox line. A queue that is down is no failure: the sweeper sends it later."""
        try:
            await self._queue.enqueue(job.ticket, delay)
        except DependencyUnavailable as error:
            log.warning("job_dispatch_postponed", job_id=job.id, reason=error.detail)
            return False
        try:
            await self._store.remove_message(job)
        except Exception as error:
            # The job is accepted and queued. A line that stays is sent once more, which does no harm.
            log.warning("outbox_line_left", job_id=job.id, reason=str(error)[:200])
        return True
