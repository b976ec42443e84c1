"""Taking reports from players: gathered in memory for a moment, then written to the log in one go."""

import asyncio
from contextlib import suppress

import structlog

from domain.kit.clock import Clock
from domain.plays.log import PlayLog, PlayMeter
from domain.plays.model import Receipt

log = structlog.get_logger()

# What a process that is killed has lost is what came in this time.
GATHER_SECONDS = 0.2
GATHER_REPORTS = 500
# More than come while one write is on its way; a request is one, and has up to 100 reports.
WRITE_RECEIPTS = 2_000
# While the log is away, so many wait here: some seconds of a full load, a few megabytes.
MOST_REPORTS = 50_000
PAUSE_SECONDS = 1.0


class PlayIntake:
    """A process that is killed loses the last fifth of a second; one that is stopped loses nothing."""

    def __init__(self, plays: PlayLog, meter: PlayMeter, clock: Clock, most_reports: int = MOST_REPORTS) -> None:
        self._log = plays
        self._meter = meter
        self._clock = clock
        self._most_reports = most_reports
        self._gathered: list[Receipt] = []
        self._count = 0
        self._enough = asyncio.Event()
        self._stopping = False

    def now_ms(self) -> int:
        """What reports of this moment are received at."""
        return int(self._clock.now().timestamp() * 1000)

    def refused(self, reason: str) -> None:
        """A request that never came as far as `take`."""
        self._meter.refused(reason)

    def take(self, receipt: Receipt) -> bool:
        """False when no more can be kept, because the log cannot be reached or is full."""
        more = len(receipt.reports)
        if self._count + more > self._most_reports:
            return False
        self._gathered.append(receipt)
        self._count += more
        self._meter.taken(more)
        if self._count >= GATHER_REPORTS:
            self._enough.set()
        return True

    async def run(self) -> None:
        """Until it is stopped; then it has tried once more to write what was left."""
        while not self._stopping:
            with suppress(TimeoutError):
                async with asyncio.timeout(GATHER_SECONDS):
                    await self._enough.wait()
            if not await self.flush() and not self._stopping:
                await asyncio.sleep(PAUSE_SECONDS)
        if self._count and not await self.flush():
            self._meter.dropped("stopped", self._count)
            log.warning("play_reports_dropped", reports=self._count)

    def stop(self) -> None:
        self._stopping = True
        self._enough.set()

    async def flush(self) -> bool:
        """Writes all that is gathered; False when some of it could not be written and is kept for later."""
        self._enough.clear()
        while self._gathered:
            # What comes meanwhile is behind them.
            receipts = self._gathered[:WRITE_RECEIPTS]
            try:
                written = await self._log.append(receipts)
            except Exception as error:
                log.warning("play_reports_wait", reports=self._count, reason=str(error)[:200])
                return False
            if not written:
                log.warning("play_log_full", reports=self._count)
                return False
            del self._gathered[: len(receipts)]
            self._count -= sum(len(receipt.reports) for receipt in receipts)
        return True
