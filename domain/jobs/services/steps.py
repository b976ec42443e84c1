"""Finished steps of a job, kept so that the next attempt goes on where the last one ended."""

import zlib

from domain.jobs.model import Lease
from domain.jobs.services.run import JobRunning
from domain.jobs.stores.steps import StepStore
from domain.kit.clock import Clock
from domain.kit.transactions import Session, Transactions


class JobSteps:
    """Payloads are bytes of up to some megabytes, compressed here; large files belong into object storage."""

    def __init__(self, running: JobRunning, steps: StepStore, transactions: Transactions, clock: Clock) -> None:
        self._running = running
        self._steps = steps
        self._transactions = transactions
        self._clock = clock

    async def find(self, job_id: str, name: str) -> bytes | None:
        """What the step made, if an attempt of this job has finished it."""
        payload = await self._steps.find(job_id, name)
        return None if payload is None else zlib.decompress(payload)

    async def record(self, lease: Lease, name: str, payload: bytes) -> None:
        """Keeps what a step made; raises `LeaseLost` when this attempt may not write any more."""
        compressed = zlib.compress(payload)

        async def work(session: Session) -> None:
            await self._running.confirm(lease, session)
            await self._steps.insert(lease, name, compressed, self._clock.now(), session)

        await self._transactions.run(work)

    async def forget(self, job_id: str, name: str) -> None:
        """Removes a step whose result is no longer there."""
        await self._steps.remove(job_id, name)
