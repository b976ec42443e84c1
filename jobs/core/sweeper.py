"""The loop that looks after what crashes leave behind. It stands beside arq, so it runs without Redis too."""

import asyncio
import random

import structlog
from prometheus_client import Counter, Gauge

from domain.jobs.services.sweep import JobSweeping

log = structlog.get_logger()

TOUCHED = Counter("cadenza_sweeper_jobs_total", "Jobs that the sweeper had to touch.")
FAILURES = Counter("cadenza_sweeper_failures_total", "Rounds of the sweeper that failed.")
JOBS = Gauge("cadenza_jobs", "Jobs that are not finished, by status.", ["status"])


async def sweep_forever(sweeping: JobSweeping, every_seconds: float) -> None:
    """Rounds with a little jitter, so that many workers do not march in step."""
    while True:
        try:
            TOUCHED.inc(await sweeping.sweep())
            for status, count in (await sweeping.backlog()).items():
                JOBS.labels(status.value).set(count)
        except Exception as error:
            FAILURES.inc()
            log.warning("sweep_failed", reason=str(error)[:200])
        await asyncio.sleep(every_seconds * random.uniform(0.8, 1.2))
