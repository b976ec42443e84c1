"""A property-based model of a job's life, against the real services and a real MongoDB.

People ask, cancel and retry; workers claim, report, fail, succeed, fall asleep and wake up late; sweepers sweep; time
passes; the queue and the bus go away and come back. After every step the records and the books must be in order.
"""

import asyncio
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from deploy.embedded import Endpoints
from domain.credits.errors import InsufficientCredits
from domain.jobs.errors import JobAlreadyFinished, JobCanceled, JobNotRetryable, LeaseLost, TooManyJobs
from domain.jobs.model import Job, JobProblem, JobStatus, Lease
from domain.jobs.services.drive_again import JobDriving
from domain.jobs.services.follow import JobFollowing
from domain.jobs.services.run import JobRunning
from domain.jobs.services.sweep import JobSweeping
from domain.kit.caller import Caller
from domain.kit.transactions import Session
from tests.credits.audit import audit
from tests.world import World, open_world

BROKEN = JobProblem("BROKEN", "It broke.")
ACTIONS = (
    "ask",
    "claim",
    "report",
    "succeed",
    "fail",
    "refuse",
    "hand_back",
    "cancel",
    "retry",
    "sweep",
    "sleep",
    "queue",
    "bus",
)


@dataclass
class Life:
    """What the model knows besides the records: who holds which lease, fresh or stale."""

    world: World
    ada: Caller
    jobs: list[Job] = field(default_factory=list)
    leases: list[Lease] = field(default_factory=list)
    effects: dict[str, int] = field(default_factory=dict)

    async def act(self, action: str, dice: random.Random) -> None:
        await getattr(self, action)(dice)

    async def ask(self, dice: random.Random) -> None:
        try:
            self.jobs.append(await self.world.ask(self.ada, seed=dice.randrange(1000)))
        except (TooManyJobs, InsufficientCredits):
            return

    async def claim(self, dice: random.Random) -> None:
        if not self.world.queue.messages:
            return
        message = dice.choice(self.world.queue.messages)
        if dice.random() < 0.8:
            self.world.queue.messages.remove(message)
        lease = await self.world.get(JobRunning).claim(message.job_id, message.attempt, f"worker-{dice.randrange(3)}")
        if lease is not None:
            self.leases.append(lease)

    async def report(self, dice: random.Random) -> None:
        await self._with_a_lease(dice, lambda lease: self.world.get(JobRunning).report(lease, dice.random()))

    async def succeed(self, dice: random.Random) -> None:
        async def end(lease: Lease) -> None:
            async def effects(session: Session) -> None:
                made = self.world.client[self.world.database]["made"]
                await made.insert_one({"job_id": lease.job_id, "attempt": lease.attempt}, session=session)

            await self.world.get(JobRunning).succeed(lease, effects)

        await self._with_a_lease(dice, end)

    async def fail(self, dice: random.Random) -> None:
        await self._with_a_lease(dice, lambda lease: self.world.get(JobRunning).retry(lease, BROKEN, "a bug"))

    async def refuse(self, dice: random.Random) -> None:
        await self._with_a_lease(dice, lambda lease: self.world.get(JobRunning).refuse(lease, BROKEN))

    async def hand_back(self, dice: random.Random) -> None:
        await self._with_a_lease(dice, lambda lease: self.world.get(JobRunning).hand_back(lease))

    async def cancel(self, dice: random.Random) -> None:
        if self.jobs:
            try:
                await self.world.get(JobFollowing).cancel(self.ada, dice.choice(self.jobs).id)
            except JobAlreadyFinished:
                return

    async def retry(self, dice: random.Random) -> None:
        if self.jobs:
            try:
                await self.world.get(JobDriving).retry(self.ada, dice.choice(self.jobs).id)
            except (JobNotRetryable, TooManyJobs, InsufficientCredits):
                return

    async def sweep(self, dice: random.Random) -> None:
        await asyncio.gather(*(self.world.get(JobSweeping).sweep() for _ in range(dice.choice((1, 1, 2)))))

    async def sleep(self, dice: random.Random) -> None:
        self.world.clock.advance(dice.choice((1, 6, 21, 30, 4000)))

    async def queue(self, dice: random.Random) -> None:
        self.world.queue.is_down = not self.world.queue.is_down
        if dice.random() < 0.3:
            self.world.queue.messages.clear()

    async def bus(self, dice: random.Random) -> None:
        self.world.events.is_down = not self.world.events.is_down

    async def _with_a_lease(self, dice: random.Random, use: Any) -> None:
        """Fresh or stale: a lease that was ever given out may be used again."""
        if not self.leases:
            return
        try:
            await use(dice.choice(self.leases))
        except (LeaseLost, JobCanceled):
            return

    async def check(self) -> None:
        """What must hold at every moment."""
        assert await audit(self.world.client[self.world.database]) == []
        made = [record["job_id"] for record in await self.world.documents("made")]
        records = await self.world.documents("jobs")
        assert sorted(made) == sorted(record["_id"] for record in records if record["status"] == JobStatus.SUCCEEDED)
        for record in records:
            assert (record["lease"] is not None) == (record["status"] == JobStatus.RUNNING)
            assert (record["finished_at"] is not None) == JobStatus(record["status"]).is_final
            assert 0 <= record["failures"] <= record["attempt"]

    async def settle(self) -> None:
        """Everything works again, and time passes: every job must come to its end."""
        self.world.queue.is_down = self.world.events.is_down = False
        for _ in range(12):
            self.world.clock.advance(1300)
            await self.world.get(JobSweeping).sweep()
        assert {JobStatus(record["status"]).is_final for record in await self.world.documents("jobs")} <= {True}
        assert await self.world.documents("job_outbox") == []


async def live(world: World, seed: int, actions: list[str]) -> None:
    dice = random.Random(seed)
    life = Life(world, await world.person())
    for action in actions:
        await life.act(action, dice)
        await life.check()
    await life.settle()
    await life.check()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(seed=st.integers(0, 2**32), actions=st.lists(st.sampled_from(ACTIONS), min_size=10, max_size=45))
async def test_every_life_of_a_job_is_in_order(
    endpoints: Endpoints, tmp_path: Path, seed: int, actions: list[str]
) -> None:
    async with open_world(endpoints.mongo_url, tmp_path) as world:
        await world.client[world.database].create_collection("made")
        await live(world, seed, ["ask", *actions])
