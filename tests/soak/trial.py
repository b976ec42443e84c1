"""One soak: a stack of its own with the leases of production, people, harm, and what was measured on the way."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError
from rich.console import Console

from adapters import arq_connection
from adapters.fair_queue.queue import RedisFairQueue
from bootstrap.cli.home import Home
from bootstrap.cli.stack import running_stack
from domain.kit.errors import DependencyUnavailable
from tests.faults.evidence import Bucket, Database, open_bucket, open_database
from tests.faults.ground import Ground, second_worker
from tests.faults.load import Crowd
from tests.faults.storm import Harm, Kind, Storm

LOSSES = (Kind.EMPTY, Kind.LOSE)
# More than anything may take: a song of a minute whose worker is killed three times.
PATIENCE_SECONDS = 300.0


@dataclass
class Trial:
    """`recoveries` are seconds after Redis lost all; `late` what a worker did after its lease was over."""

    seed: int
    ground: Ground
    database: Database
    bucket: Bucket
    redis: Redis
    storm: Storm
    crowd: Crowd
    say: Console
    recoveries: list[float] = field(default_factory=list)
    late_writes: list[str] = field(default_factory=list)
    late_objects: list[str] = field(default_factory=list)
    thaws: int = 0
    _recovering: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def chance(self) -> random.Random:
        return self.storm.chance

    async def strike(self, harm: Harm) -> None:
        """As the storm does it, told, and with the recovery measured if Redis lost all."""
        waiting = await self._waiting() if harm.kind in LOSSES else []
        blow = await self.storm.strike(harm)
        self.say.print(f"[dim]{blow.at:%H:%M:%S} {harm}, {len(blow.held)} jobs held[/dim]", highlight=False)
        if waiting:
            self._recovering.append(asyncio.create_task(self._recover(waiting)))

    async def recovered(self) -> None:
        await asyncio.gather(*self._recovering)

    @asynccontextmanager
    async def load(self) -> AsyncGenerator[None, None]:
        """The people use the platform while in the block; they see their songs through behind it."""
        await self.crowd.arrive()
        stopping = asyncio.Event()
        life = asyncio.create_task(self.crowd.live(stopping))
        watching = asyncio.create_task(self.storm.watch())
        try:
            yield
            stopping.set()
            async with asyncio.timeout(PATIENCE_SECONDS):
                await life
                await self.recovered()
        finally:
            for task in (life, watching, *self._recovering):
                task.cancel()
            await asyncio.gather(life, watching, *self._recovering, return_exceptions=True)

    async def _waiting(self) -> list[tuple[str, int]]:
        query = {"status": "QUEUED"}
        return [(job["_id"], job["attempt"]) async for job in self.database["jobs"].find(query)]

    async def _recover(self, waiting: list[tuple[str, int]]) -> None:
        """Until the queue knows each of these again, or it has gone on."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        while waiting:
            await asyncio.sleep(0.25)
            still = set(await self._waiting())
            known = await self._known([job_id for job_id, _ in waiting])
            waiting = [job for job in waiting if job in still and job[0] not in known]
        self.recoveries.append(loop.time() - started)

    async def _known(self, job_ids: list[str]) -> set[str]:
        try:
            return set(await RedisFairQueue(self.redis).places(job_ids))
        except (DependencyUnavailable, RedisError):
            return set()


@asynccontextmanager
async def open_trial(root: Path, seed: int, free: int, paid: int, say: Console) -> AsyncGenerator[Trial, None]:
    """Everything started; all ends with the block."""
    quiet = Console(quiet=True)
    async with (
        running_stack(Home(root), quiet) as running,
        second_worker(root, running.stack, running.endpoints, running.programs.api_url) as ground,
        open_database(ground.endpoints) as database,
        open_bucket(ground.endpoints) as bucket,
    ):
        redis = arq_connection.connect(ground.endpoints.redis_url)
        try:
            crowd = Crowd.of(ground.api_url, seed, free, paid)
            storm = Storm(ground, database, random.Random(seed))
            yield Trial(seed, ground, database, bucket, redis, storm, crowd, say)
        finally:
            await redis.aclose()
