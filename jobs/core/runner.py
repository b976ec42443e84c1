"""Runs one attempt of a job under its lease and turns every way it can end into a state of the job."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from prometheus_client import Counter, Histogram
from structlog.contextvars import bound_contextvars

from domain.jobs.errors import DeadlineExceeded, JobCanceled, JobYields, LeaseLost
from domain.jobs.model import JobProblem, Lease
from domain.jobs.services.run import JobRunning
from domain.kit.audio.media import StorageFull
from domain.kit.concurrency import stop, to_the_end
from domain.kit.errors import DependencyUnavailable, DomainError

log = structlog.get_logger()

ATTEMPTS = Counter("cadenza_job_attempts_total", "Attempts of jobs by how they ended.", ["kind", "outcome"])
SECONDS = Histogram(
    "cadenza_job_attempt_seconds",
    "How long attempts took.",
    ["kind"],
    buckets=(0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 600),
)

TOO_SLOW = JobProblem("DEADLINE_EXCEEDED", "This took longer than it may take, so it was stopped.")
BROKEN = JobProblem("INTERNAL", "Something went wrong on our side. It was logged and will be looked at.")

Work = Callable[[Lease], Awaitable[None]]
Unavailability = Callable[[BaseException], DependencyUnavailable | None]


class AttemptRunner:
    """`as_unavailable` tells which foreign errors mean that a server is out of reach."""

    def __init__(self, running: JobRunning, worker: str, as_unavailable: Unavailability) -> None:
        self._running = running
        self._worker = worker
        self._as_unavailable = as_unavailable

    async def run(self, kind: str, job_id: str, attempt: int, work: Work) -> None:
        """Does nothing when the attempt is not there to be taken: the message was a late or second one."""
        with bound_contextvars(job_id=job_id, attempt=attempt):
            lease = await self._running.claim(job_id, attempt, self._worker)
            if lease is None:
                log.info("job_not_claimed")
                return
            started = time.monotonic()
            outcome = await self._run_leased(lease, work)
            ATTEMPTS.labels(kind, outcome).inc()
            SECONDS.labels(kind).observe(time.monotonic() - started)
            log.info("job_attempt_ended", outcome=outcome, seconds=round(time.monotonic() - started, 3))

    async def _run_leased(self, lease: Lease, work: Work) -> str:
        try:
            await self._work_with_heartbeat(lease, work)
        except asyncio.CancelledError:
            await to_the_end(self._settle(lease, self._running.hand_back(lease)))
            raise
        except Exception as error:
            return await self._end(lease, error)
        return "succeeded"

    async def _work_with_heartbeat(self, lease: Lease, work: Work) -> None:
        """The first of the two to end decides: the work by its result, the heartbeat by its error."""
        working = asyncio.ensure_future(work(lease))
        beating = asyncio.create_task(self._beat(lease))
        try:
            await asyncio.wait({working, beating}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                beating.result()
            await working
        finally:
            await stop(working, beating)

    async def _beat(self, lease: Lease) -> None:
        """Ends only by an error that must stop the work. A database out of reach is waited for."""
        while True:
            await asyncio.sleep(self._running.policy.heartbeat_seconds)
            try:
                await self._running.heartbeat(lease)
            except Exception as error:
                if self._outage(error) is None:
                    raise
                log.warning("heartbeat_missed", reason=str(error)[:200])

    async def _end(self, lease: Lease, error: Exception) -> str:
        """Sorts a failure: expected ones end the job, outages and bugs are tried again, late ones are buried."""
        if isinstance(error, LeaseLost):
            log.warning("lease_lost")
            return "lease_lost"
        if isinstance(error, JobCanceled):
            await self._settle(lease, self._running.cancel(lease))
            return "canceled"
        if isinstance(error, JobYields):
            await self._settle(lease, self._running.hand_back(lease, error.pause))
            return "yielded"
        if isinstance(error, DeadlineExceeded):
            await self._settle(lease, self._running.bury(lease, TOO_SLOW, "a deadline passed"))
            return "deadline_exceeded"
        operational = self._outage(error) or error
        if isinstance(operational, DependencyUnavailable | StorageFull):
            log.warning("job_attempt_interrupted", reason=operational.code, detail=str(error)[:300])
            problem = JobProblem(operational.code, operational.message)
            await self._settle(lease, self._running.retry(lease, problem, str(error)[:300]))
            return "interrupted"
        if isinstance(operational, DomainError):
            log.info("job_refused", reason=operational.code, detail=operational.message)
            problem = JobProblem(operational.code, operational.message)
            await self._settle(lease, self._running.refuse(lease, problem))
            return "refused"
        log.error("job_attempt_crashed", exc_info=error)
        await self._settle(lease, self._running.retry(lease, BROKEN, repr(error)[:300]))
        return "crashed"

    async def _settle(self, lease: Lease, ending: Awaitable[Any]) -> None:
        """Writes the end of an attempt. If even that fails, the lease runs out and the sweeper takes over."""
        try:
            await ending
        except LeaseLost:
            log.warning("lease_lost_at_the_end")
        except Exception as error:
            if self._outage(error) is None:
                raise
            log.warning("job_end_not_written", reason=str(error)[:200])

    def _outage(self, error: BaseException) -> DependencyUnavailable | None:
        """The outage behind an error, be it ours already or still the driver's."""
        return error if isinstance(error, DependencyUnavailable) else self._as_unavailable(error)
