"""Jobs on a real MongoDB: acceptance, leases with fencing, retries, and watching by a property."""

import asyncio
import random
from contextlib import aclosing
from datetime import timedelta

import pytest

from domain.generation.services.request import GenerationRequests
from domain.jobs.errors import JobAlreadyFinished, JobCanceled, LeaseLost
from domain.jobs.model import Job, JobProblem, JobStage, JobStatus
from domain.jobs.services.accept import JobAcceptance
from domain.jobs.services.follow import JobFollowing
from domain.jobs.services.run import JobRunning
from domain.jobs.services.sweep import JobSweeping
from domain.kit.errors import NotFound
from domain.kit.transactions import Session
from domain.playback.model import Segment
from domain.playback.services.playback import PlaybackService
from tests.jobs.steps import BROKEN, begin, claimed, contents, no_effects, reached, rendition_of, state
from tests.world import World


async def test_one_attempt_is_claimed_once(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    leases = await asyncio.gather(*(world.get(JobRunning).claim(job.id, 1, f"worker-{n}") for n in range(20)))
    (lease,) = [lease for lease in leases if lease is not None]
    running = await state(world, ada, job)
    assert (running.status, running.attempt, running.revision) == (JobStatus.RUNNING, 1, 2)
    # and neither an attempt that is not due nor a job that is not there can be claimed
    assert await world.get(JobRunning).claim(job.id, 2, "worker-1") is None
    assert await world.get(JobRunning).claim("nothing", 1, "worker-1") is None
    assert (await world.documents("jobs"))[0]["lease"]["token"] == lease.token


async def test_a_lease_that_is_over_writes_nothing(world: World) -> None:
    # given a worker that fell asleep, so that another attempt has begun and published its first segment
    ada = await world.person()
    job = await world.ask(ada)
    playback, running = world.get(PlaybackService), world.get(JobRunning)
    stale = await claimed(world, job)
    old = await rendition_of(world, ada, stale)
    world.clock.advance(21)
    assert await world.get(JobSweeping).sweep() == 1
    fresh = await claimed(world, job, attempt=2)
    new = await rendition_of(world, ada, fresh)
    await playback.append(new, [Segment("seg-0.m4s", 2.0)])
    before = await contents(world)

    async def complete_old(session: Session) -> None:
        await playback.complete(old, session)

    # when it wakes up and does what a worker does
    for late in (
        running.heartbeat(stale),
        running.enter(stale, JobStage.COMPOSING, 0.1),
        running.report(stale, 0.5, is_playable=True),
        running.succeed(stale, complete_old),
        running.refuse(stale, BROKEN),
        running.bury(stale, BROKEN, "a bug"),
        running.cancel(stale),
        running.retry(stale, BROKEN, "a bug"),
        running.hand_back(stale),
    ):
        with pytest.raises(LeaseLost):
            await late
    with pytest.raises(LeaseLost):
        await begin(world, old)
    assert not await playback.append(old, [Segment("stale.m4s", 2.0)])
    assert not await playback.take_back(old)
    # then nothing has changed, in the job or in what listeners hear
    assert await contents(world) == before
    # and the new lease is still good
    assert (await running.report(fresh, 0.6)).progress == 0.6


async def test_success_and_its_effects_are_written_together_or_not_at_all(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    lease = await claimed(world, job)
    rendition = await rendition_of(world, ada, lease)
    before = await contents(world)

    async def crash(session: Session) -> None:
        await world.get(PlaybackService).complete(rendition, session)
        raise RuntimeError("crash in the middle")

    with pytest.raises(RuntimeError, match="crash in the middle"):
        await world.get(JobRunning).succeed(lease, crash)
    assert await contents(world) == before


async def test_heartbeats_keep_a_lease(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    lease = await claimed(world, job)
    for _ in range(3):
        world.clock.advance(10)
        await world.get(JobRunning).heartbeat(lease)
        assert await world.get(JobSweeping).sweep() == 0
    # and nobody is told of them
    assert (await state(world, ada, job)).revision == 2


async def test_attempts_are_used_up_by_failures_that_may_pass(world: World) -> None:
    ada = await world.person()
    world.engine.is_down = True
    job = await world.ask(ada)
    attempts = []
    while world.queue.messages:
        attempts.append(world.queue.messages[0].attempt)
        await world.work_one()
    assert attempts == [1, 2, 3, 4]
    failed = await state(world, ada, job)
    assert (failed.status, failed.attempt, failed.is_playable) == (JobStatus.FAILED, 4, False)
    assert failed.finished_at is not None
    assert await world.get(JobRunning).claim(job.id, 5, "worker-1") is None


async def test_a_message_that_comes_twice_is_worked_on_once(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    (message,) = world.queue.messages
    await world.work_one()
    before = await contents(world)
    world.queue.messages.append(message)
    await world.work_one()
    assert await contents(world) == before
    assert (await state(world, ada, job)).attempt == 1


async def test_canceling_a_running_job_stops_its_stream_and_leaves_nothing_to_hear(world: World) -> None:
    # given a song of a minute that is being written out
    ada = await world.person()
    job = await world.ask(ada, duration_seconds=60.0)
    world.engine.seconds_per_chunk = 0.1
    working = asyncio.create_task(world.work_one())
    await reached(world, ada, job, "is_playable", True)
    generation = (await world.get(GenerationRequests).by_job(ada, [job.id]))[job.id]
    assert (await world.get(PlaybackService).playback(ada, generation.track_id)).duration_seconds > 0
    # when its owner cancels
    asked = await world.get(JobFollowing).cancel(ada, job.id)
    assert (asked.status, asked.cancel_requested) == (JobStatus.RUNNING, True)
    async with asyncio.timeout(2):
        await working
    # then the engine was told to stop, and there is no track and no playlist
    assert world.engine.closed_early == 1
    canceled = await state(world, ada, job)
    assert (canceled.status, canceled.is_playable) == (JobStatus.CANCELED, False)
    assert canceled.problem == JobProblem("CANCELED", "You canceled this job.")
    kept = ("recordings", "renditions", "structures", "tracks", "versions")
    assert [await world.documents(name) for name in kept] == [[], [], [], [], []]
    with pytest.raises(NotFound):
        await world.get(PlaybackService).playback(ada, generation.track_id)
    # and it is not tried again
    assert world.queue.messages == []
    with pytest.raises(JobAlreadyFinished):
        await world.get(JobFollowing).cancel(ada, job.id)


async def test_a_cancelation_outlives_the_worker_that_should_have_obeyed(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    await claimed(world, job)
    await world.get(JobFollowing).cancel(ada, job.id)
    world.clock.advance(21)
    await world.get(JobSweeping).sweep()
    await world.work_off()
    canceled = await state(world, ada, job)
    assert (canceled.status, canceled.attempt) == (JobStatus.CANCELED, 1)
    assert await world.documents("tracks") == []


async def test_an_attempt_that_takes_too_long_is_stopped_for_good(world: World) -> None:
    # given a song of six seconds, which may take 72
    ada = await world.person()
    job = await world.ask(ada)
    world.engine.seconds_per_chunk = 0.2
    working = asyncio.create_task(world.work_one())
    await reached(world, ada, job, "stage", "RENDERING")
    # when it is still not done after that
    world.clock.advance(73)
    async with asyncio.timeout(2):
        await working
    # then it has failed, and is not tried again
    failed = await state(world, ada, job)
    assert (failed.status, failed.attempt) == (JobStatus.FAILED, 1)
    assert failed.problem == JobProblem("DEADLINE_EXCEEDED", "This took longer than it may take, so it was stopped.")
    assert world.queue.messages == []
    assert await world.documents("renditions") == []


async def test_a_stage_that_takes_too_long_is_stopped_before_the_whole_attempt_does(world: World) -> None:
    # given a song whose rendering may take 54 seconds, in an attempt that may take 72
    ada = await world.person()
    job = await world.ask(ada)
    world.engine.seconds_per_chunk = 0.2
    working = asyncio.create_task(world.work_one())
    await reached(world, ada, job, "stage", "RENDERING")
    world.clock.advance(55)
    async with asyncio.timeout(2):
        await working
    failed = await state(world, ada, job)
    assert failed.status is JobStatus.FAILED
    assert failed.dead_letter is not None
    assert failed.dead_letter.code == "DEADLINE_EXCEEDED"


async def test_a_worker_that_is_shut_down_gives_the_job_back_and_uses_no_attempt_up(world: World) -> None:
    # given a song that is being made
    ada = await world.person()
    job = await world.ask(ada)
    world.engine.seconds_per_chunk = 0.2
    # when its worker is shut down again and again, more often than a job may fail
    for attempt in range(1, 7):
        working = asyncio.create_task(world.work_one())
        await reached(world, ada, job, "stage", "RENDERING")
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        waiting = await state(world, ada, job)
        assert (waiting.status, waiting.attempt, waiting.failures) == (JobStatus.QUEUED, attempt + 1, 0)
    # then the next one makes it, without a pause
    assert [message.delay for message in world.queue.messages] == [timedelta()]
    world.engine.seconds_per_chunk = 0.0
    await world.work_off()
    assert (await state(world, ada, job)).status is JobStatus.SUCCEEDED


async def test_a_worker_that_lost_its_lease_stops_and_leaves_the_next_attempt_alone(world: World) -> None:
    # given a slow worker whose lease another one has taken over
    ada = await world.person()
    job = await world.ask(ada)
    world.engine.seconds_per_chunk = 0.2
    working = asyncio.create_task(world.work_one())
    await reached(world, ada, job, "is_playable", True)
    await world.client[world.database]["jobs"].update_one({"_id": job.id}, {"$set": {"lease.token": "another"}})
    # when it notices
    async with asyncio.timeout(2):
        await working
    # then it has stopped its stream, and the job is as the other one left it
    assert world.engine.closed_early == 1
    assert (await state(world, ada, job)).status is JobStatus.RUNNING
    assert await world.documents("tracks") == []


async def test_dispatch_says_whether_the_queue_took_the_message(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    assert await world.get(JobAcceptance).dispatch(job)
    world.queue.is_down = True
    assert not await world.get(JobAcceptance).dispatch(job)


async def test_a_gap_in_the_events_is_bridged_by_the_state_now(world: World) -> None:
    # given a bus that was away for one change
    ada = await world.person()
    job = await world.ask(ada)
    lease = await claimed(world, job)
    running = world.get(JobRunning)
    world.events.is_down = True
    await running.report(lease, 0.3)
    world.events.is_down = False
    for progress in (0.4, 0.5):
        await running.report(lease, progress)
    # when somebody comes back who has seen what was before
    async with aclosing(world.get(JobFollowing).watch(ada, job.id, after=2)) as events:
        event = await anext(events)
    # then the newest state stands for all of it
    assert (event.id, event.data["progress"]) == (5, 0.5)


@pytest.mark.parametrize("seed", range(6))
async def test_whoever_reconnects_sees_the_whole_story_once(world: World, seed: int) -> None:
    # given a worker that reports now and then, and a watcher whose connection breaks at random
    dice = random.Random(seed)
    ada = await world.person()
    job = await world.ask(ada)
    working = asyncio.create_task(_report_at_random(world, job, random.Random(seed + 100)))
    seen: list[int] = []
    status = ""
    while status != "SUCCEEDED":
        after = seen[-1] if seen else None
        left = dice.randint(1, 5)
        async with aclosing(world.get(JobFollowing).watch(ada, job.id, after)) as events:
            async for event in events:
                seen.append(event.id)
                status = event.data["status"]
                left -= 1
                if left == 0:
                    break
        await asyncio.sleep(dice.choice((0, 0.005, 0.02)))
    await working
    # then what was seen is every revision from the first one seen on, once
    assert seen == list(range(seen[0], seen[0] + len(seen)))
    assert seen[-1] == (await state(world, ada, job)).revision


async def _report_at_random(world: World, job: Job, dice: random.Random) -> None:
    running = world.get(JobRunning)
    lease = await claimed(world, job)
    for step in range(1, 31):
        await running.report(lease, step / 31)
        await asyncio.sleep(dice.choice((0, 0, 0.002, 0.01)))
    await running.succeed(lease, no_effects)


async def test_a_cancel_in_the_last_moment_is_kept(world: World) -> None:
    # given a song that is finished but for its last transaction
    ada = await world.person()
    job = await world.ask(ada)
    lease = await claimed(world, job)
    await world.get(JobFollowing).cancel(ada, job.id)
    written: list[str] = []

    async def effects(session: Session) -> None:
        written.append("effects")

    # when the worker wants to end it well, then it is told to stop
    with pytest.raises(JobCanceled):
        await world.get(JobRunning).succeed(lease, effects)
    # and the job has not succeeded
    assert (await state(world, ada, job)).status is JobStatus.RUNNING


async def test_a_canceled_job_is_not_tried_again(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    lease = await claimed(world, job)
    await world.get(JobFollowing).cancel(ada, job.id)
    ended = await world.get(JobRunning).retry(lease, BROKEN, "a bug")
    assert ended.problem is not None
    assert (ended.status, ended.problem.code) == (JobStatus.CANCELED, "CANCELED")


async def test_a_retry_starts_its_waiting_time_now_and_may_wait_as_long_again(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    world.clock.advance(3000)
    lease = await claimed(world, job)
    waiting = await world.get(JobRunning).retry(lease, BROKEN, "a bug")
    assert waiting.stage_times[-1].started_at <= world.clock.now()
    assert all(seconds >= 0 for seconds in waiting.stage_seconds().values())
    # an hour counts from here
    world.clock.advance(1800)
    await world.get(JobSweeping).sweep()
    assert (await state(world, ada, job)).status is JobStatus.QUEUED
