"""What the sweeper finds and mends: dead workers, lost messages, jobs that wait too long."""

import asyncio
import os
import sys
from datetime import timedelta

import pytest

from domain.jobs.model import JobProblem, JobStage, JobStatus
from domain.jobs.services.run import JobRunning
from domain.jobs.services.sweep import JobSweeping
from domain.kit import processes
from domain.kit.errors import NotFound
from domain.kit.ids import new_id
from domain.playback.model import Segment
from domain.playback.services.playback import PlaybackService
from tests.jobs.steps import claimed, contents, rendition_of, state
from tests.patience import eventually
from tests.world import World


async def test_a_lease_that_ran_out_gives_the_next_attempt_to_the_queue(world: World) -> None:
    # given a worker that died in the middle
    ada = await world.person()
    job = await world.ask(ada)
    world.queue.messages.clear()
    lease = await claimed(world, job)
    await world.get(JobRunning).report(lease, 0.5, is_playable=True)
    # when its lease is not over yet, the sweeper leaves it alone
    world.clock.advance(19)
    assert await world.get(JobSweeping).sweep() == 0
    # but then it does not
    world.clock.advance(2)
    assert await world.get(JobSweeping).sweep() == 1
    waiting = await state(world, ada, job)
    assert (waiting.status, waiting.stage, waiting.attempt) == (JobStatus.QUEUED, JobStage.WAITING, 2)
    assert (waiting.progress, waiting.is_playable, waiting.started_at, waiting.problem) == (0.0, False, None, None)
    assert [(message.job_id, message.attempt) for message in world.queue.messages] == [(job.id, 2)]
    assert await world.documents("job_outbox") == []
    # and another worker makes the song
    await world.work_off("worker-2")
    done = await state(world, ada, job)
    assert (done.status, done.attempt, done.is_playable) == (JobStatus.SUCCEEDED, 2, True)


async def test_the_job_of_a_neighbour_that_has_died_is_queued_again_at_once(world: World) -> None:
    # given jobs of a worker that has ended, of one that lives, and of one on another machine
    ada = await world.person(plan="creator")
    dead = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE)
    workers = [processes.name_of(dead.pid), processes.name_of(os.getpid()), "elsewhere:12345678-f0000000:1:999999"]
    jobs = [await world.ask(ada) for _ in workers]
    for job, worker in zip(jobs, workers, strict=True):
        assert await world.get(JobRunning).claim(job.id, 1, worker)
    dead.kill()
    await dead.wait()
    # when somebody looks, long before the leases are over
    assert await world.get(JobSweeping).sweep() == 1
    # then only the first one waits again
    found = [await state(world, ada, job) for job in jobs]
    assert [(job.status, job.attempt, job.failures) for job in found] == [
        (JobStatus.QUEUED, 2, 1),
        (JobStatus.RUNNING, 1, 0),
        (JobStatus.RUNNING, 1, 0),
    ]


async def test_a_job_that_a_broken_transaction_has_locked_does_not_hold_up_others(world: World) -> None:
    # given two jobs whose workers died, one of them in the middle of a transaction
    ada = await world.person(plan="creator")
    locked, free = [await world.ask(ada) for _ in range(2)]
    for job in (locked, free):
        await claimed(world, job)
    world.clock.advance(21)
    async with world.client.start_session() as session, await session.start_transaction():
        jobs = world.client[world.database]["jobs"]
        await jobs.update_one({"_id": locked.id}, {"$set": {"progress": 0.5}}, session=session)
        # when somebody looks for them
        sweeping = asyncio.create_task(world.get(JobSweeping).sweep())

        # then the other one waits again while the first is locked still
        async def is_waiting() -> bool:
            return (await state(world, ada, free)).status is JobStatus.QUEUED

        await eventually(is_waiting, within=10)
        assert not sweeping.done()
        await session.abort_transaction()
    # and the first when the lock is gone
    assert await sweeping == 2
    assert (await state(world, ada, locked)).status is JobStatus.QUEUED


async def test_what_a_dead_worker_had_published_is_not_heard_any_more(world: World) -> None:
    # given a song that can already be heard, and whose worker dies
    ada = await world.person()
    job = await world.ask(ada)
    lease = await claimed(world, job)
    rendition = await rendition_of(world, ada, lease)
    playback = world.get(PlaybackService)
    await playback.append(rendition, [Segment("seg-0.m4s", 2.0)])
    await world.get(JobRunning).report(lease, 0.5, is_playable=True)
    token = (await playback.playback(ada, rendition.track_id)).hls_url.split("/")[-2]
    assert (await playback.rendition_for(token)).duration_seconds == 2.0
    # when its lease is over, and no later attempt gets anywhere
    world.clock.advance(21)
    await world.get(JobSweeping).sweep()
    world.engine.is_down = True
    # then neither its owner nor who has the address hears it, while it waits and when it has failed
    for status in (JobStatus.QUEUED, JobStatus.FAILED):
        assert (await state(world, ada, job)).status is status
        with pytest.raises(NotFound):
            await playback.playback(ada, rendition.track_id)
        with pytest.raises(NotFound):
            await playback.rendition_for(token)
        await world.work_off()


async def test_workers_that_die_again_and_again_end_the_job(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    for attempt in (1, 2, 3, 4):
        await claimed(world, job, attempt)
        world.clock.advance(21)
        assert await world.get(JobSweeping).sweep() == 1
    failed = await state(world, ada, job)
    assert (failed.status, failed.attempt) == (JobStatus.FAILED, 4)
    assert failed.problem is not None
    assert failed.problem.code == "WORKER_LOST"


async def test_a_job_that_nobody_takes_expires(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    world.clock.advance(3599)
    await world.get(JobSweeping).sweep()
    assert (await state(world, ada, job)).status is JobStatus.QUEUED
    world.clock.advance(2)
    await world.get(JobSweeping).sweep()
    expired = await state(world, ada, job)
    assert (expired.status, expired.problem) == (
        JobStatus.EXPIRED,
        JobProblem("EXPIRED", "No worker was free for too long, so this job was given up."),
    )
    # and its late message starts nothing
    before = await contents(world)
    await world.work_off()
    assert await contents(world) == before


async def test_what_a_dead_queue_could_not_take_is_sent_later(world: World) -> None:
    # given jobs that were accepted while the queue was down
    ada = await world.person()
    world.queue.is_down = True
    jobs = [await world.ask(ada) for _ in range(3)]
    world.clock.advance(3)
    assert await world.get(JobSweeping).sweep() == 0
    assert len(await world.documents("job_outbox")) == 3
    # when it is back
    world.queue.is_down = False
    assert await world.get(JobSweeping).sweep() == 3
    # then they are sent, in their order, and not a second time
    assert [message.job_id for message in world.queue.messages] == [job.id for job in jobs]
    assert await world.documents("job_outbox") == []
    assert await world.get(JobSweeping).sweep() == 0


async def test_messages_that_the_queue_lost_are_sent_again(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    world.queue.messages.clear()
    # not at once, because a worker may be busy
    assert await world.get(JobSweeping).sweep() == 0
    world.clock.advance(21)
    assert await world.get(JobSweeping).sweep() == 1
    assert [(message.job_id, message.attempt) for message in world.queue.messages] == [(job.id, 1)]
    await world.work_off()
    assert (await state(world, ada, job)).status is JobStatus.SUCCEEDED


async def test_an_emptied_queue_gets_all_of_a_long_row_back(world: World) -> None:
    # given more waiting jobs than fit into one batch of the sweeper, and a queue that was emptied
    ada = await world.person()
    template = (await world.ask(ada)).id
    (record,) = await world.documents("jobs")
    copies = [{**record, "_id": new_id()} for _ in range(1200)]
    await world.client[world.database]["jobs"].insert_many(copies)
    world.queue.messages.clear()
    # when the sweeper makes one round
    world.clock.advance(21)
    assert await world.get(JobSweeping).sweep() == 1201
    # then all of them wait again, and the next round finds nothing to do
    assert {message.job_id for message in world.queue.messages} == {template, *(copy["_id"] for copy in copies)}
    assert await world.get(JobSweeping).sweep() == 0


async def test_one_job_that_cannot_be_mended_does_not_stop_the_others(world: World) -> None:
    # given two jobs whose workers died, one of them with an outbox line that should not be there
    ada = await world.person()
    broken, sound = await world.ask(ada), await world.ask(ada)
    for job in (broken, sound):
        await claimed(world, job)
    line = {"_id": f"{broken.id}:2", "job_id": broken.id, "attempt": 2, "due_at": world.clock.now() + timedelta(days=1)}
    await world.client[world.database]["job_outbox"].insert_one(line)
    world.clock.advance(21)
    await world.get(JobSweeping).sweep()
    assert (await state(world, ada, sound)).attempt == 2


async def test_many_sweepers_recover_a_job_once(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    world.queue.messages.clear()
    await claimed(world, job)
    world.clock.advance(21)
    await asyncio.gather(*(world.get(JobSweeping).sweep() for _ in range(5)))
    recovered = await state(world, ada, job)
    assert (recovered.status, recovered.attempt, recovered.revision) == (JobStatus.QUEUED, 2, 3)
    assert len(world.queue.messages) == 1


async def test_the_backlog_counts_what_waits_and_what_runs(world: World) -> None:
    ada = await world.person()
    jobs = [await world.ask(ada) for _ in range(3)]
    await claimed(world, jobs[0])
    assert await world.get(JobSweeping).backlog() == {JobStatus.QUEUED: 2, JobStatus.RUNNING: 1}
