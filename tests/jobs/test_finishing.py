"""The transaction in which a job succeeds, while the worker's heartbeats go on."""

import asyncio

import pytest

from domain.jobs.errors import JobCanceled, LeaseLost
from domain.jobs.model import JobStatus
from domain.jobs.services.follow import JobFollowing
from domain.jobs.services.run import JobRunning
from domain.jobs.services.sweep import JobSweeping
from domain.kit.errors import NotFound
from domain.kit.transactions import Session
from tests.jobs.steps import BROKEN, claimed, contents, no_effects, state
from tests.world import World

# Much longer than a heartbeat takes that nothing keeps waiting. Nobody fails for being slower.
A_BEAT = 0.5


async def test_heartbeats_wait_for_what_a_job_has_made_and_do_not_break_it_off(world: World) -> None:
    # given a job that makes so much that a heartbeat falls into each writing of it
    ada = await world.person()
    job = await world.ask(ada)
    lease = await claimed(world, job)
    running = world.get(JobRunning)
    beats: list[asyncio.Task[None]] = []

    async def effects(session: Session) -> None:
        beats.append(asyncio.create_task(running.heartbeat(lease)))
        await asyncio.wait(beats[-1:], timeout=A_BEAT)

    # when it ends
    done = await running.succeed(lease, effects)
    # then it was written once, and the heartbeat has nothing to say against it
    assert done.status is JobStatus.SUCCEEDED
    assert len(beats) == 1
    await beats[0]


async def test_a_heartbeat_behind_the_success_has_nothing_to_keep(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    lease = await claimed(world, job)
    await world.get(JobRunning).succeed(lease, no_effects)
    before = await contents(world)
    await world.get(JobRunning).heartbeat(lease)
    assert await contents(world) == before


async def test_a_heartbeat_behind_any_other_end_has_lost_its_lease(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    lease = await claimed(world, job)
    await world.get(JobRunning).refuse(lease, BROKEN)
    with pytest.raises(LeaseLost):
        await world.get(JobRunning).heartbeat(lease)


async def test_a_job_whose_lease_runs_out_while_it_succeeds_is_not_taken_from_it(world: World) -> None:
    # given a job that writes what it made for longer than its lease lasts
    ada = await world.person()
    job = await world.ask(ada)
    lease = await claimed(world, job)
    sweeps: list[asyncio.Task[int]] = []

    async def effects(session: Session) -> None:
        world.clock.advance(21)
        sweeps.append(asyncio.create_task(world.get(JobSweeping).sweep()))
        await asyncio.wait(sweeps[-1:], timeout=A_BEAT)

    # when a sweep comes in the middle
    await world.get(JobRunning).succeed(lease, effects)
    await asyncio.gather(*sweeps)
    # then the job has succeeded, in its first attempt
    done = await state(world, ada, job)
    assert (done.status, done.attempt, len(sweeps)) == (JobStatus.SUCCEEDED, 1, 1)


async def test_what_a_job_cannot_write_leaves_it_running(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    lease = await claimed(world, job)
    before = await contents(world)

    async def effects(session: Session) -> None:
        raise NotFound("track", "t")

    with pytest.raises(NotFound):
        await world.get(JobRunning).succeed(lease, effects)
    assert await contents(world) == before


async def test_a_job_that_was_canceled_before_its_end_writes_nothing(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    lease = await claimed(world, job)
    await world.get(JobFollowing).cancel(ada, job.id)
    written: list[Session] = []

    async def effects(session: Session) -> None:
        written.append(session)

    with pytest.raises(JobCanceled):
        await world.get(JobRunning).succeed(lease, effects)
    assert written == []
