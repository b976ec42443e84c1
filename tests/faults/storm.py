"""A storm: processes die, freeze and lose what they stored, at random points of a running load."""

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from pymongo.errors import PyMongoError

from tests.faults.evidence import Database
from tests.faults.ground import WORKERS, Ground


class Kind(StrEnum):
    KILL = "kill -9"
    FREEZE = "SIGSTOP, SIGCONT"
    EMPTY = "FLUSHALL"
    LOSE = "kill -9, files removed"


@dataclass(frozen=True)
class Harm:
    """Something to be done to a process; `seconds` is how long it is frozen."""

    kind: Kind
    victim: str
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"{self.kind.value} of {self.victim}" + (f", {self.seconds:.1f} s" if self.seconds else "")


@dataclass(frozen=True)
class Blow:
    """A harm that was done. `held` are the jobs, with their attempts, that a harmed worker was working on."""

    harm: Harm
    at: datetime
    pid: int | None
    held: Sequence[tuple[str, int]] = ()


SERVERS = ("redis", "mongod", "triton", "swift-proxy", "swift-object", "swift-container", "swift-account", "api")
FREEZABLE = ("redis", "mongod", "triton", "swift-proxy", "swift-object")
# One of each, the workers more often: they are what the promise is about.
EVERY_HARM = (
    *(Harm(Kind.KILL, name) for name in (*WORKERS, *WORKERS, *WORKERS, *SERVERS)),
    *(Harm(Kind.FREEZE, name, 30.0) for name in WORKERS),
    *(Harm(Kind.FREEZE, name, 8.0) for name in FREEZABLE),
    Harm(Kind.EMPTY, "redis"),
    Harm(Kind.LOSE, "redis"),
)


@dataclass
class Storm:
    """Draws harms by chance. A process that has just come back is left alone for `rest_seconds`.

    The supervisor gives up what dies again and again within ten seconds of its start.
    """

    ground: Ground
    database: Database
    chance: random.Random
    harms: Sequence[Harm] = EVERY_HARM
    rest_seconds: float = 11.0
    blows: list[Blow] = field(default_factory=list)
    _met: dict[str, tuple[int | None, float]] = field(default_factory=dict)

    async def all_once(self, pauses: tuple[float, float]) -> None:
        """Every harm of the list once, in a random order; waits for processes that are away."""
        meeting = asyncio.create_task(self.watch())
        try:
            for harm in self.chance.sample(self.harms, len(self.harms)):
                await asyncio.sleep(self.chance.uniform(*pauses))
                await self.strike(harm)
        finally:
            meeting.cancel()
            await asyncio.gather(meeting, return_exceptions=True)

    def draw(self) -> Harm:
        harm = self.chance.choice(self.harms)
        seconds = round(self.chance.uniform(0.5, harm.seconds), 1) if harm.seconds else 0.0
        return Harm(harm.kind, harm.victim, seconds)

    async def strike(self, harm: Harm) -> Blow:
        """Does it, as soon as its victim has rested."""
        await self._until_rested(harm.victim)
        pid = self.ground.pid(harm.victim)
        held = await self.held_by(pid) if harm.victim in WORKERS else ()
        blow = self.note(harm, pid, held)
        await self._do(harm)
        return blow

    def note(self, harm: Harm, pid: int | None, held: Sequence[tuple[str, int]]) -> Blow:
        """Remembers a harm that is being done."""
        blow = Blow(harm, datetime.now(UTC), pid, held)
        self.blows.append(blow)
        return blow

    async def _do(self, harm: Harm) -> None:
        if harm.kind is Kind.KILL:
            self.ground.kill(harm.victim)
        elif harm.kind is Kind.EMPTY:
            await self.ground.empty_redis()
        elif harm.kind is Kind.LOSE:
            self.ground.lose_redis()
        else:
            with self.ground.frozen(harm.victim):
                await asyncio.sleep(harm.seconds)

    async def held_by(self, pid: int | None) -> list[tuple[str, int]]:
        """The jobs that a worker has a lease on, with their attempts; none while MongoDB does not answer."""
        query = {"status": "RUNNING", "lease.worker": {"$regex": f":{pid}$"}}
        with suppress(PyMongoError):
            return [(job["_id"], job["attempt"]) async for job in self.database["jobs"].find(query)]
        return []

    async def watch(self) -> None:
        """Notes when processes come back, until cancelled."""
        while True:
            now = time.monotonic()
            for status in self.ground.statuses():
                known = self._met.get(status.name)
                if known is None:
                    self._met[status.name] = (status.pid, now - self.rest_seconds)
                elif known[0] != status.pid or not self.ground.is_ready(status.name):
                    self._met[status.name] = (status.pid, now)
            await asyncio.sleep(0.25)

    async def _until_rested(self, name: str) -> None:
        while True:
            if self.is_rested(name):
                return
            await asyncio.sleep(0.1)

    def is_rested(self, name: str) -> bool:
        """Whether it has been up for long enough to be harmed again."""
        pid, since = self._met.get(name, (None, 0.0))
        return pid is not None and self.ground.is_ready(name) and time.monotonic() - since >= self.rest_seconds
