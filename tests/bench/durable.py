"""`make bench-queue`: the whole durable path with jobs that do nothing, on the embedded servers. Judges nothing.

Acceptance is a transaction of record, outbox and (for nothing) hold; each job is then claimed under a lease and ended
in a transaction of its own. One process does all of it, so these are numbers for one core of Python.
"""

import asyncio
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table

from adapters.fair_queue.hands import Hands
from adapters.fair_queue.queue import RedisFairQueue
from adapters.mongo import as_unavailable
from bootstrap.areas import DOCUMENTS, build_services
from bootstrap.services import Kit, open_kit
from bootstrap.settings import Settings
from deploy.embedded import EmbeddedStack, StackConfig
from domain.jobs.model import JobStatus, Lease, NewJob, Share
from domain.jobs.services.accept import JobAcceptance
from domain.jobs.services.run import JobRunning
from domain.jobs.services.sweep import JobSweeping
from domain.kit.ids import new_id
from domain.kit.queue import QueueName
from domain.kit.transactions import Session
from jobs.core.runner import AttemptRunner
from jobs.core.worker import build_worker

KIND = "do_nothing"
JOBS = 1000
HANDS = 10
CALLERS = 16
SHARE = Share(QueueName.STANDARD, 1.0, JOBS, JOBS)


async def nothing(session: Session) -> None:
    """What a job without a request or a result writes."""


async def accept_all(kit: Kit) -> float:
    """Accepts the jobs with a few callers at once; returns jobs a second."""
    acceptance = kit.services.get(JobAcceptance)
    turns = asyncio.Semaphore(CALLERS)

    async def accept(owner: str) -> None:
        async with turns:
            job = NewJob(new_id(), KIND, owner, SHARE, 0, 1.0, 60.0)
            await acceptance.accept([job], None, nothing)

    owners = [new_id() for _ in range(50)]
    started = time.perf_counter()
    await asyncio.gather(*(accept(owners[number % len(owners)]) for number in range(JOBS)))
    return JOBS / (time.perf_counter() - started)


async def work_all(kit: Kit) -> float:
    """Claims and ends the jobs; returns jobs a second."""
    runner = AttemptRunner(kit.services.get(JobRunning), "bench", as_unavailable)
    running = kit.services.get(JobRunning)

    async def work(lease: Lease) -> None:
        await running.succeed(lease, nothing)

    ended = asyncio.Semaphore(0)

    async def do_nothing(ctx: dict[Any, Any], job_id: str, attempt: int) -> None:
        await runner.run(KIND, job_id, attempt, work)
        ended.release()

    worker = build_worker(kit.arq, Hands(RedisFairQueue(kit.arq), "bench"), [(KIND, do_nothing)], {}, HANDS)
    started = time.perf_counter()
    task = asyncio.create_task(worker.async_run())
    for _ in range(JOBS):
        await ended.acquire()
    seconds = time.perf_counter() - started
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=1)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().remove_signal_handler(number)
    return JOBS / seconds


async def measure() -> Table:
    table = Table("what", "jobs a second")
    with tempfile.TemporaryDirectory(prefix="cadenza-bench-") as folder:
        stack = EmbeddedStack(StackConfig(root=Path(folder) / "home"))
        endpoints = await stack.start()
        try:
            settings = Settings(
                {**endpoints.as_environment(), "CADENZA_AUTH_SECRET": "a secret that only a measurement uses"}
            )
            async with open_kit(settings, DOCUMENTS) as kit:
                build_services(kit)
                table.add_row(f"accepted, {CALLERS} callers at once", f"{await accept_all(kit):.0f}")
                table.add_row(f"claimed and ended, {HANDS} hands", f"{await work_all(kit):.0f}")
                left = await kit.services.get(JobSweeping).backlog()
                assert left == {JobStatus.QUEUED: 0, JobStatus.RUNNING: 0}
        finally:
            await stack.stop()
    return table


if __name__ == "__main__":
    console = Console(width=120)
    console.print(f"The whole durable path, MongoDB included: {JOBS} jobs that do nothing …")
    console.print(uvloop.run(measure()))
