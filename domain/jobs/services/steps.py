"""Finished steps of a job, kept so that the next attempt goes on where the last one ended."""

import zlib
from collections.abc import Awaitable, Callable

from domain.jobs.model import Lease
from domain.jobs.services.run import JobRunning
from domain.jobs.stores.steps import StepStore
from domain.kit.clock import Clock
from domain.kit.transactions import Session

Effects = Callable[[Session], Awaitable[None]]


class JobSteps:
    """Payloads are bytes of up to some megabytes, compressed here; large files belong into object storage."""

    def __init__(self, running: JobRunning, steps: StepStore, clock: Clock) -> None:
        self._running = running
        self._steps = steps
        self._clock = clock

    async def find(self, job_id: str, name: str) -> bytes | None:
        """What the step made, if an attempt of this job has finished it."""
        payload = await self._steps.find(job_id, name)
        return None if payload is None else zlib.decompress(payload)

    async def record(self, lease: Lease, name: str, payload: bytes, effects: Effects | None = None) -> None:
        """Keeps what a step made, with what the area writes of it; raises `LeaseLost` when this attempt is over."""
        compressed = zlib.compress(payload)

        async def work(session: Session) -> None:
            await self._steps.put(lease, name, compressed, self._clock.now(), session)
            if effects is not None:
                await effects(session)

        await self._running.under(lease, work)

    async def forget(self, lease: Lease, name: str) -> None:
        """Removes a step whose result is no longer there; raises `LeaseLost` when this attempt is over."""

        async def work(session: Session) -> None:
            await self._steps.remove(lease.job_id, name, session)

        await self._running.under(lease, work)
