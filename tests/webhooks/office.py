"""Short ways to endpoints, jobs and deliveries in a test's world."""

from dataclasses import dataclass, field
from typing import Any

from domain.jobs.model import Job
from domain.jobs.services.run import JobRunning
from domain.kit.caller import Caller
from domain.kit.paging import PageRequest
from domain.webhooks.model import Delivery, WebhookEvent
from domain.webhooks.sender import Message
from domain.webhooks.services.dispatch import WebhookDispatch
from domain.webhooks.services.look_back import WebhookHistory
from domain.webhooks.services.manage import WebhookEndpoints, WithSecret
from tests.world import World

URL = "https://hooks.example/cadenza"
ALL = tuple(WebhookEvent)


@dataclass
class Office:
    """One person with endpoints in one world. `statuses` are what receivers answer, one after the other, then 200."""

    world: World
    caller: Caller
    statuses: list[int] = field(default_factory=list)

    @property
    def sent(self) -> list[Message]:
        return self.world.sender.sent

    async def register(self, url: str = URL, events: tuple[WebhookEvent, ...] = ALL) -> WithSecret:
        """An endpoint at a public address."""
        self.world.sender.names["hooks.example"] = ["1.1.1.1"]
        self.world.sender.receivers[url] = self._answer
        return await self.world.get(WebhookEndpoints).create(self.caller, url, events, "", None)

    async def end_job(self) -> Job:
        """A job that succeeds without making a song."""
        job = await self.world.ask(self.caller)
        lease = await self.world.get(JobRunning).claim(job.id, 1, "worker-1")
        assert lease is not None
        return await self.world.get(JobRunning).succeed(lease, no_effects)

    async def deliver(self) -> int:
        """Delivers all that is due now, like a worker; returns how many attempts there were."""
        dispatch, before = self.world.get(WebhookDispatch), len(self.sent)
        while await dispatch.fill():
            await dispatch.drain()
        return len(self.sent) - before

    async def deliveries(self, endpoint_id: str) -> list[Delivery]:
        """Newest first."""
        page = await self.world.get(WebhookHistory).page(self.caller, endpoint_id, None, PageRequest())
        return list(page.items)

    def _answer(self, message: Message) -> tuple[int, bytes]:
        return (self.statuses.pop(0) if self.statuses else 200), b"said"


async def no_effects(session: Any) -> None:
    """What a job without a result writes."""


async def open_office(world: World) -> Office:
    return Office(world, await world.person())
