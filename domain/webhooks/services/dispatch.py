"""Choosing what a worker delivers next: many endpoints at once, few deliveries for each, woken by calls."""

import asyncio
import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import structlog

from domain.kit.clock import Clock
from domain.kit.concurrency import stop
from domain.kit.errors import DependencyUnavailable
from domain.webhooks.model import Delivery
from domain.webhooks.sender import WebhookMeter
from domain.webhooks.services.bell import WAIT_SECONDS, WebhookBell
from domain.webhooks.services.deliver import WebhookDelivering
from domain.webhooks.stores.deliveries import DeliveryStore

log = structlog.get_logger()

# Well above the longest attempt: a claim that is over belongs to a worker that died.
CLAIM_LIVES = timedelta(seconds=60)
# A little above what a call takes: what is due for longer was left behind.
PICK_UP_GRACE = timedelta(seconds=10)
STOP_SECONDS = 5.0


@dataclass(frozen=True)
class Concurrency:
    """Attempts of one worker that may go on at once."""

    total: int = 64
    per_owner: int = 12
    per_endpoint: int = 4


class WebhookDispatch:
    """Runs beside the jobs of every worker. Slow receivers fill their own few places and no others."""

    def __init__(
        self,
        deliveries: DeliveryStore,
        delivering: WebhookDelivering,
        bell: WebhookBell,
        meter: WebhookMeter,
        clock: Clock,
        concurrency: Concurrency = Concurrency(),
    ) -> None:
        self._deliveries = deliveries
        self._delivering = delivering
        self._bell = bell
        self._meter = meter
        self._clock = clock
        self._concurrency = concurrency
        self._going: dict[asyncio.Task[None], Delivery] = {}
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Until it is cancelled; attempts that are going on then get some seconds to end."""
        listening = asyncio.create_task(self._listen(), name="webhook calls")
        try:
            while True:
                self._wake.clear()
                await self._fill_or_wait()
                await self._wake.wait()
        finally:
            await stop(listening)
            await self.drain(STOP_SECONDS)

    async def sweep(self) -> int:
        """Counts what is due and wakes this worker for it; returns how much of it had been left behind."""
        now = self._clock.now()
        due = await self._deliveries.count_due(now)
        self._meter.waiting(due)
        if due:
            self._wake.set()
        return await self._deliveries.count_due(now - PICK_UP_GRACE) if due else 0

    async def fill(self) -> int:
        """Begins as many deliveries as are due and have a place; returns how many."""
        begun = 0
        while len(self._going) < self._concurrency.total:
            now = self._clock.now()
            claimed = await self._deliveries.claim(
                secrets.token_hex(16), now, now + CLAIM_LIVES, self._busy_endpoints(), self._busy_owners()
            )
            if claimed is None:
                break
            self._begin(claimed)
            begun += 1
        return begun

    async def drain(self, seconds: float | None = None) -> None:
        """Waits for what is going on; what is not done in time is stopped, and will be sent again."""
        if self._going:
            _, late = await asyncio.wait(self._going, timeout=seconds)
            await stop(*late)

    def _begin(self, delivery: Delivery) -> None:
        task = asyncio.create_task(self._deliver(delivery), name=f"webhook {delivery.id}")
        self._going[task] = delivery
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._going[task]
        self._wake.set()

    async def _deliver(self, delivery: Delivery) -> None:
        """A failure on our side leaves the claim to run out, and then somebody tries again."""
        try:
            await self._delivering.deliver(delivery)
        except Exception as error:
            log.warning("webhook_delivery_interrupted", delivery_id=delivery.id, reason=str(error)[:200])

    async def _fill_or_wait(self) -> None:
        try:
            await self.fill()
        except Exception as error:
            log.warning("webhooks_not_claimed", reason=str(error)[:200])

    async def _listen(self) -> None:
        while True:
            try:
                await self._bell.listen(self._wake.set)
            except DependencyUnavailable as error:
                log.warning("webhook_calls_not_heard", reason=error.detail)
                await asyncio.sleep(WAIT_SECONDS)

    def _busy_endpoints(self) -> list[str]:
        counts = Counter(delivery.endpoint_id for delivery in self._going.values())
        return [name for name, count in counts.items() if count >= self._concurrency.per_endpoint]

    def _busy_owners(self) -> list[str]:
        counts = Counter(delivery.owner_id for delivery in self._going.values())
        return [name for name, count in counts.items() if count >= self._concurrency.per_owner]
