"""Other areas write at the end of a job in its own transaction, and act when that is committed."""

import pytest

from domain.jobs.model import Job, JobStatus
from domain.jobs.services.follow import JobFollowing
from domain.jobs.services.observe import AfterCommit, JobObservers
from domain.jobs.services.run import JobRunning
from domain.kit.transactions import Session
from tests.world import World


class Diary:
    """Writes one line for each end of a job, and remembers what was committed."""

    def __init__(self, world: World) -> None:
        self._collection = world.client[world.database]["diary"]
        self.committed: list[str] = []
        self.breaks = False

    async def on_end(self, session: Session, job: Job) -> AfterCommit | None:
        await self._collection.insert_one({"_id": job.id, "status": job.status.value}, session=session)
        if self.breaks:
            raise RuntimeError("the pen is broken")

        async def afterwards() -> None:
            self.committed.append(job.id)

        return afterwards


@pytest.fixture
def diary(world: World) -> Diary:
    diary = Diary(world)
    world.get(JobObservers).add(diary)
    return diary


async def no_effects(session: Session) -> None:
    """What a job without a result writes."""


async def test_an_observer_is_there_at_every_end_and_hears_of_the_commit_once(world: World, diary: Diary) -> None:
    ada = await world.person()
    done, canceled = await world.ask(ada), await world.ask(ada)
    lease = await world.get(JobRunning).claim(done.id, 1, "worker-1")
    assert lease is not None
    await world.get(JobRunning).succeed(lease, no_effects)
    await world.get(JobFollowing).cancel(ada, canceled.id)
    assert {line["_id"]: line["status"] for line in await world.documents("diary")} == {
        done.id: "SUCCEEDED",
        canceled.id: "CANCELED",
    }
    assert diary.committed == [done.id, canceled.id]


async def test_when_an_observer_fails_nothing_has_happened(world: World, diary: Diary) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    lease = await world.get(JobRunning).claim(job.id, 1, "worker-1")
    assert lease is not None
    diary.breaks = True
    with pytest.raises(RuntimeError, match="pen"):
        await world.get(JobRunning).succeed(lease, no_effects)
    # then the job still runs, nothing is written, and nobody was told
    assert (await world.get(JobFollowing).get(ada, job.id)).status is JobStatus.RUNNING
    assert await world.documents("diary") == []
    assert diary.committed == []
