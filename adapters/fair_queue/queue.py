"""The fair work queue in Redis: both ends. Each operation is one script, so it is one round trip and atomic."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import orjson
from redis.asyncio import Redis

from adapters.fair_queue import scripts
from adapters.fair_queue.handed import Hand, Handed
from adapters.fair_queue.policy import FairPolicy, bounded
from adapters.redis.connection import unavailable_on_failure
from domain.kit.queue import Backlog, QueueName, QueuePlace, Ticket

PREFIX = "cadenza:jobs"
# A job is durable before it is enqueued, so nobody has to wait long for a Redis that does not answer.
ANSWER_SECONDS = 2.0


@dataclass(frozen=True)
class Load:
    """What `keep` tells on the side: messages that wait, owners parked at their limit, and messages held."""

    waiting: Mapping[QueueName, int]
    parked: int
    held: int


class RedisFairQueue:
    """`now` (milliseconds) replaces the clock of the Redis server, for tests. Implements `domain.kit.queue.JobQueue`.

    A worker's end is `take`, `keep` and `release`; see `adapters.fair_queue.hands`.
    """

    def __init__(
        self,
        redis: Redis,
        policy: FairPolicy | None = None,
        prefix: str = PREFIX,
        now: Callable[[], int] | None = None,
    ) -> None:
        self._redis = redis
        self._scripts = scripts.load(redis, prefix, policy or FairPolicy())
        self._wake = f"{prefix}:wake"
        self._now = now

    async def enqueue(self, ticket: Ticket, delay: timedelta = timedelta()) -> None:
        await self._call("enqueue", pack(ticket), round(delay.total_seconds() * 1000))

    async def withdraw(self, job_id: str) -> None:
        await self._call("withdraw", job_id)

    async def places(self, job_ids: Sequence[str]) -> Mapping[str, QueuePlace]:
        if not job_ids:
            return {}
        _, *answer = await self._call("places", "", *job_ids)
        return {job_id: _place(text) for job_id, text in zip(job_ids, answer, strict=True) if text}

    async def outlook(self, ticket: Ticket) -> QueuePlace:
        (answer,) = await self._call("places", pack(ticket))
        return _place(answer)

    async def backlog(self) -> Backlog:
        slots, *rest = await self._call("backlog")
        return Backlog(
            waiting={queue: int(rest[2 * i]) for i, queue in enumerate(QueueName)},
            seconds={queue: float(rest[2 * i + 1]) for i, queue in enumerate(QueueName)},
            slots=int(slots),
        )

    async def take(self, free: int) -> Hand:
        """Up to `free` messages in fair order; each is written as a job of arq, under `message_id`."""
        look_again, *rest = await self._call("take", free)
        handed = tuple(Handed(unpack(rest[i]), int(rest[i + 1]) / 1000) for i in range(0, len(rest), 2))
        return Hand(handed, float(look_again) / 1000 if look_again else None)

    async def keep(self, worker: str, slots: int, tickets: Sequence[Ticket]) -> Load:
        """A sign of life of a worker that does `slots` jobs at once and these right now."""
        *waiting, parked, held = await self._call("keep", worker, slots, *map(pack, tickets))
        return Load(dict(zip(QueueName, map(int, waiting), strict=True)), int(parked), int(held))

    async def release(self, ticket: Ticket, again: bool = False) -> None:
        """The attempt is over; or, with `again`, the worker did not begin it and it waits as before."""
        await self._call("release", ticket.job_id, ticket.attempt, int(again))

    async def called(self, seconds: float) -> None:
        """Returns when there may be something to take, and after `seconds` at the latest."""
        call: Any = self._redis.blpop
        with unavailable_on_failure():
            await call([self._wake], timeout=seconds)

    async def _call(self, name: str, *arguments: str | bytes | int) -> list[Any]:
        now: int | str = self._now() if self._now else ""
        with unavailable_on_failure():
            async with asyncio.timeout(ANSWER_SECONDS):
                answer: list[Any] = await self._scripts[name](args=[now, *arguments])
                return answer


def pack(ticket: Ticket) -> bytes:
    """JSON for the scripts."""
    return orjson.dumps(asdict(bounded(ticket)))


def unpack(packed: bytes) -> Ticket:
    fields = orjson.loads(packed)
    return Ticket(**{**fields, "queue": QueueName(fields["queue"])})


def _place(text: bytes) -> QueuePlace:
    position, wait_seconds = text.split()
    return QueuePlace(int(position), float(wait_seconds))
