"""One worker's end of the queue: remembers what the worker holds, and measures what it was handed."""

from prometheus_client import Counter, Gauge, Histogram

from adapters.fair_queue.handed import Handed, message_id
from adapters.fair_queue.policy import KEEP_SECONDS
from adapters.fair_queue.queue import Load, RedisFairQueue
from domain.kit.queue import Ticket

# Longest sleep without a call; below the time after which a connection counts as broken.
LOOK_SECONDS = 8.0
SHORTEST_LOOK_SECONDS = 0.05

WAITED = Histogram(
    "cadenza_queue_wait_seconds",
    "How long messages waited for a worker.",
    ["queue"],
    buckets=(0.005, 0.02, 0.1, 0.5, 2, 10, 30, 60, 120, 300, 600, 1800, 3600),
)
WAITING = Gauge("cadenza_queue_waiting", "Messages that wait for a worker.", ["queue"])
PARKED = Gauge("cadenza_queue_parked_owners", "Owners who wait because as many of their jobs run as may.")
HELD = Gauge("cadenza_queue_held", "Messages that workers hold.")
HANDED = Counter("cadenza_queue_handed_total", "Messages that this worker was handed.", ["queue"])


class Hands:
    """Knows messages by the id under which arq carries them. All methods raise `DependencyUnavailable`."""

    def __init__(self, queue: RedisFairQueue, worker: str, keep_seconds: float = KEEP_SECONDS) -> None:
        self.keep_seconds = keep_seconds
        self._queue = queue
        self._worker = worker
        self._held: dict[str, Ticket] = {}
        self._sleep = LOOK_SECONDS

    async def take(self, free: int) -> list[str]:
        """Up to `free` messages, which arq can run from now on."""
        hand = await self._queue.take(free)
        again = LOOK_SECONDS if hand.look_again_seconds is None else hand.look_again_seconds
        self._sleep = min(LOOK_SECONDS, max(SHORTEST_LOOK_SECONDS, again))
        return [message for handed in hand.handed if (message := self._accept(handed))]

    def _accept(self, handed: Handed) -> str | None:
        """None for what this worker still works on: the queue had taken it for dead."""
        message = message_id(handed.ticket.job_id, handed.ticket.attempt)
        HANDED.labels(handed.ticket.queue).inc()
        WAITED.labels(handed.ticket.queue).observe(handed.waited_seconds)
        if message in self._held:
            return None
        self._held[message] = handed.ticket
        return message

    async def release(self, message: str, again: bool = False) -> None:
        """Ends it; with `again` it waits for another worker. Nothing happens when it is not held."""
        ticket = self._held.get(message)
        if ticket is not None:
            await self._queue.release(ticket, again)
            self._held.pop(message, None)

    async def keep(self, slots: int) -> None:
        """Tells that this worker lives. A message that ended on the way there is released once more."""
        held = dict(self._held)
        _show(await self._queue.keep(self._worker, slots, list(held.values())))
        for message in held.keys() - self._held.keys():
            await self._queue.release(held[message])

    async def called(self) -> None:
        """Sleeps until there may be something to take."""
        await self._queue.called(self._sleep)


def _show(load: Load) -> None:
    for queue, count in load.waiting.items():
        WAITING.labels(queue).set(count)
    PARKED.set(load.parked)
    HELD.set(load.held)
