"""The loop that looks after what crashes leave behind. It stands beside arq, so it runs without Redis too."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog
from prometheus_client import Counter, Gauge

from domain.jobs.model import JobStatus

log = structlog.get_logger()

TOUCHED = Counter("cadenza_sweeper_touched_total", "What sweepers had to mend, by sweeper.", ["sweeper"])
FAILURES = Counter("cadenza_sweeper_failures_total", "Rounds of a sweeper that failed.", ["sweeper"])
JOBS = Gauge("cadenza_jobs", "Jobs that are not finished, by status.", ["status"])


class Sweeping(Protocol):
    """Mends what it finds; safe to run many times at once. Returns how much there was to mend."""

    async def sweep(self) -> int: ...


class Counting(Protocol):
    async def backlog(self) -> Mapping[JobStatus, int]: ...


async def sweep_forever(sweepers: Sequence[Sweeping], counting: Counting, every_seconds: float) -> None:
    """Rounds with a little jitter, so that many workers do not march in step."""
    while True:
        for sweeper in sweepers:
            await _sweep(sweeper)
        try:
            for status, count in (await counting.backlog()).items():
                JOBS.labels(status.value).set(count)
        except Exception as error:
            log.warning("jobs_not_counted", reason=str(error)[:200])
        await asyncio.sleep(every_seconds * random.uniform(0.8, 1.2))


async def _sweep(sweeper: Sweeping) -> None:
    name = type(sweeper).__name__
    try:
        TOUCHED.labels(name).inc(await sweeper.sweep())
    except Exception as error:
        FAILURES.labels(name).inc()
        log.warning("sweep_failed", sweeper=name, reason=str(error)[:200])
