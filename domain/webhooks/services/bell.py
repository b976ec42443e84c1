"""Calling the workers when there is something to deliver. A call that is lost costs seconds: the sweeper finds it."""

from collections.abc import Callable

import structlog

from domain.kit.errors import DependencyUnavailable
from domain.kit.event_bus import START, Event, EventBus
from domain.kit.ids import new_id

log = structlog.get_logger()

FEED = "webhooks"
WAIT_SECONDS = 2.0


class WebhookBell:
    """Rung after a commit by whichever process wrote a delivery."""

    def __init__(self, events: EventBus) -> None:
        self._events = events

    async def ring(self) -> None:
        try:
            await self._events.publish(f"{FEED}:{new_id()}", Event(1, {}), FEED)
        except DependencyUnavailable as error:
            log.warning("webhook_call_dropped", reason=error.detail)

    async def listen(self, heard: Callable[[], None]) -> None:
        """Calls `heard` whenever the bell was rung, until cancelled; raises `DependencyUnavailable`."""
        position = START
        while True:
            posts = await self._events.posts(FEED, position, WAIT_SECONDS)
            if posts:
                position = posts[-1].position
                heard()
