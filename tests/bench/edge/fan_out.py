"""Many sockets that watch a few jobs: what an event costs, and how late it comes.

Both applications get the same events at the same rate, which is about what the stock one can take. Each round watches
jobs of its own, so that nothing of an earlier round is news, and nobody waits until the stock application has noticed
that its clients are gone. What was not sent a few seconds after the last event counts neither as a message nor as CPU.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from strawberry.relay.utils import to_base64

from adapters.redis import connection as redis_connection
from adapters.redis.events import RedisEventBus
from domain.jobs.events import topic_of
from domain.kit.event_bus import Event
from tests.bench.edge.load import allow_many_sockets, cpu_seconds
from tests.bench.edge.queries import WATCH
from tests.bench.edge.watchers import Watcher

SOCKETS = 2000
SECONDS = 6
# Rounds of each of two applications, and the jobs of one round.
ROUNDS = 3
WATCHED = 200
# How long a server may take for what it is behind with.
BEHIND_SECONDS = 20
OPENING = 50
KIND = "GenerationJob"
# Above the revisions of the jobs.
FIRST_ID = 1000


@dataclass(frozen=True)
class Watched:
    """By whom jobs are watched, the jobs of each round, and where events are published."""

    pid: int
    token: str
    jobs: Sequence[Sequence[str]]
    redis_url: str


@dataclass(frozen=True)
class FanOut:
    """Messages per second of the server's CPU, the share of messages that came, and seconds of delay in order."""

    messages_per_cpu_second: float
    arrived: float
    delays: Sequence[float]

    def delay(self, share: float) -> float:
        return self.delays[min(len(self.delays) - 1, int(len(self.delays) * share))]


async def fan_out(port: int, watched: Watched, jobs: Sequence[str]) -> FanOut:
    """Each of the jobs, which no round has watched before, has an event a second."""
    allow_many_sockets()
    redis = redis_connection.connect(watched.redis_url)
    bus = RedisEventBus(redis)
    watchers = await _open(port, watched.token, jobs)
    try:
        before = cpu_seconds(watched.pid)
        for number in range(SECONDS):
            await _tell_all(bus, jobs, FIRST_ID + number)
        await _until_quiet(watchers)
        spent = cpu_seconds(watched.pid) - before
    finally:
        for watcher in watchers:
            watcher.close()
        await bus.aclose()
        await redis.aclose()
    received = sum(watcher.received for watcher in watchers)
    delays = sorted(delay for watcher in watchers for delay in watcher.delays)
    return FanOut(received / spent, received / (len(watchers) * SECONDS), delays)


async def _open(port: int, token: str, jobs: Sequence[str]) -> list[Watcher]:
    """A few at a time, so that the listener's backlog is enough."""
    loop, watchers = asyncio.get_running_loop(), []
    for first in range(0, SOCKETS, OPENING):
        opened = []
        for number in range(first, first + OPENING):
            job = to_base64(KIND, jobs[number % len(jobs)])
            made = partial(Watcher, token, WATCH, {"id": job})
            _, watcher = await loop.create_connection(made, "127.0.0.1", port)
            opened.append(watcher)
        await asyncio.gather(*(watcher.is_watching for watcher in opened))
        watchers += opened
    return watchers


async def _tell_all(bus: RedisEventBus, jobs: Sequence[str], event_id: int) -> None:
    """Spread over a second."""
    started = time.monotonic()
    for number, job_id in enumerate(jobs):
        await asyncio.sleep(max(0.0, started + number / len(jobs) - time.monotonic()))
        await bus.publish(topic_of(job_id), _event(job_id, event_id), "bench")


def _event(job_id: str, event_id: int) -> Event:
    data = {
        "job_id": job_id,
        "kind": "generate_track",
        "revision": event_id,
        "status": "RUNNING",
        "stage": "RENDERING",
        "progress": 0.5,
        "eta_seconds": time.monotonic(),
        "is_playable": False,
        "attempt": 1,
        "problem": None,
    }
    return Event(event_id, data)


async def _until_quiet(watchers: Sequence[Watcher]) -> None:
    """Until all has come, or nothing for two seconds; but no longer than what is behind may take."""
    received, until = -1, time.monotonic() + BEHIND_SECONDS
    heard_at = time.monotonic()
    while time.monotonic() < min(until, heard_at + 2):
        now = sum(watcher.received for watcher in watchers)
        if now >= len(watchers) * SECONDS:
            return
        if now != received:
            received, heard_at = now, time.monotonic()
        await asyncio.sleep(0.1)
