"""What breaks off goes on where it was: each track is changed once, whatever dies in between."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from domain.bulk.model import BATCH
from domain.bulk.services.change import TrackChanger
from domain.bulk.services.run import BulkEditing
from domain.bulk.store import BulkEditStore
from domain.jobs.errors import LeaseLost
from domain.jobs.model import CANCELED_BY_OWNER, Job, JobStatus, Lease
from domain.jobs.services.accept import JobAcceptance
from domain.jobs.services.drive_again import JobDriving
from domain.jobs.services.end import JobEnding
from domain.jobs.services.follow import JobFollowing
from domain.jobs.services.run import JobRunning
from domain.jobs.stores.jobs import JobStore
from domain.kit.caller import Caller
from domain.kit.errors import DependencyUnavailable
from domain.kit.transactions import Transactions
from domain.library.editing import TrackChanges
from domain.library.services.edit import TrackEditing
from domain.likes.service import LikeService
from tests.bulk.edits import some_tracks, tagging, written
from tests.world import FAST_POLICY, World

T = TypeVar("T")

MANY = 3 * BATCH


class LosesAnswers:
    """Transactions that are committed, and whose answer does not arrive every second time."""

    def __init__(self, inner: Transactions) -> None:
        self._inner = inner
        self._calls = 0

    async def run(self, work: Callable[[Any], Awaitable[T]]) -> T:
        done = await self._inner.run(work)
        self._calls += 1
        if self._calls % 2 == 0:
            raise DependencyUnavailable("MongoDB", "the answer was lost")
        return done


class CancelsAfterOne:
    """Transactions behind the first of which the owner of a job cancels it, and a second passes."""

    def __init__(self, world: World, owner: Caller, job: Job) -> None:
        self._world = world
        self._owner = owner
        self._job = job
        self._calls = 0

    async def run(self, work: Callable[[Any], Awaitable[T]]) -> T:
        done = await self._world.kit.transactions.run(work)
        self._calls += 1
        if self._calls == 1:
            await self._world.get(JobFollowing).cancel(self._owner, self._job.id)
            self._world.clock.advance(1)
        return done


class StopsBehindOne:
    """Transactions the second of which never begins."""

    def __init__(self, inner: Transactions) -> None:
        self.reached = asyncio.Event()
        self._inner = inner
        self._calls = 0

    async def run(self, work: Callable[[Any], Awaitable[T]]) -> T:
        self._calls += 1
        if self._calls == 2:
            self.reached.set()
            await asyncio.Event().wait()
        return await self._inner.run(work)


def editing(world: World, transactions: Transactions | None = None, turn: timedelta = timedelta(days=1)) -> BulkEditing:
    running = JobRunning(
        JobStore(),
        transactions or world.kit.transactions,
        world.events,
        world.get(JobAcceptance),
        world.get(JobEnding),
        world.clock,
        FAST_POLICY,
    )
    return BulkEditing(BulkEditStore(), world.get(TrackChanger), running, world.queue, world.clock, turn)


async def state(world: World, owner: Caller, job: Job) -> Job:
    return await world.get(JobFollowing).get(owner, job.id)


async def work_with(world: World, bulk: BulkEditing) -> None:
    """The first message, done by this."""
    message = world.queue.messages.pop(0)
    await world.runner().run(message.kind, message.job_id, message.attempt, bulk.run)


async def claimed(world: World, job: Job) -> Lease:
    world.queue.messages.clear()
    lease = await world.get(JobRunning).claim(job.id, job.attempt, "worker-1")
    assert lease is not None
    return lease


async def test_a_lost_answer_is_no_reason_to_change_a_track_again(world: World) -> None:
    # given a database whose answers get lost
    ada = await world.person()
    job = await tagging(world, ada, await some_tracks(world, ada, MANY))
    bulk = editing(world, LosesAnswers(world.kit.transactions))
    # when the job is tried until it ends
    while world.queue.messages:
        await work_with(world, bulk)
    # then it was interrupted, and each track has one change
    done = await state(world, ada, job)
    assert (done.status, done.attempt) == (JobStatus.SUCCEEDED, 2)
    assert await written(world) == [(["new"], 2)] * MANY
    (edit,) = await world.documents("bulk_edits")
    assert (edit["changed"], edit["unchanged"], edit["failed"], edit["track_ids"]) == (MANY, 0, 0, [])


async def test_it_makes_room_while_songs_wait_and_goes_on_afterwards(world: World) -> None:
    # given an edit that a worker has begun, and a song that waits
    ada, bob = await world.person(), await world.person("Bob")
    tracks = await some_tracks(world, ada, MANY)
    job = await tagging(world, ada, tracks)
    song = await world.ask(bob)
    # when its turn is over after the first tracks
    await work_with(world, editing(world, turn=timedelta()))
    # then the song's message comes before its own
    yielded = await state(world, ada, job)
    assert (yielded.status, yielded.attempt, yielded.failures) == (JobStatus.QUEUED, 2, 0)
    assert (await written(world))[BATCH - 1 : BATCH + 1] == [(["new"], 2), ([], 1)]
    assert [message.job_id for message in world.queue.messages] == [song.id, job.id]
    # and what its owner takes back meanwhile is not done again
    await world.get(TrackEditing).update(ada, tracks[0].id, 2, TrackChanges(tags=()))
    await world.work_off()
    assert (await state(world, ada, job)).status is JobStatus.SUCCEEDED
    assert await written(world, ada) == [([], 3), *[(["new"], 2)] * (MANY - 1)]


async def test_without_songs_that_wait_it_goes_on(world: World) -> None:
    ada = await world.person()
    job = await tagging(world, ada, await some_tracks(world, ada, MANY))
    other = await tagging(world, ada, await some_tracks(world, ada, 1), "other")
    await work_with(world, editing(world, turn=timedelta()))
    assert [(await state(world, ada, each)).status for each in (job, other)] == [JobStatus.SUCCEEDED, JobStatus.QUEUED]


async def test_a_worker_that_was_replaced_changes_nothing(world: World) -> None:
    ada = await world.person()
    job = await tagging(world, ada, await some_tracks(world, ada, 2))
    lease = await claimed(world, job)
    await world.get(JobRunning).hand_back(lease)
    before = await world.documents("tracks")
    with pytest.raises(LeaseLost):
        await editing(world).run(lease)
    assert await world.documents("tracks") == before
    await world.work_off()
    assert await written(world) == [(["new"], 2)] * 2


async def test_a_worker_that_is_told_to_stop_hands_the_rest_on(world: World) -> None:
    # given a worker in the middle of an edit
    ada = await world.person()
    job = await tagging(world, ada, await some_tracks(world, ada, MANY))
    held = StopsBehindOne(world.kit.transactions)
    working = asyncio.create_task(work_with(world, editing(world, held)))
    await held.reached.wait()
    # when it is stopped
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    # then another one does the rest, and each track has one change
    assert (await state(world, ada, job)).status is JobStatus.QUEUED
    assert await written(world) == [*[(["new"], 2)] * BATCH, *[([], 1)] * (MANY - BATCH)]
    await world.work_off("worker-2")
    assert await written(world) == [(["new"], 2)] * MANY


async def test_canceling_stops_between_tracks(world: World) -> None:
    # given an edit whose owner cancels it after the first tracks
    ada = await world.person()
    job = await tagging(world, ada, await some_tracks(world, ada, MANY))
    await work_with(world, editing(world, CancelsAfterOne(world, ada, job)))
    # then it ends as canceled, with these changed and no other, and nothing waits
    canceled = await state(world, ada, job)
    assert (canceled.status, canceled.problem) == (JobStatus.CANCELED, CANCELED_BY_OWNER)
    assert await written(world) == [*[(["new"], 2)] * BATCH, *[([], 1)] * (MANY - BATCH)]
    assert world.queue.messages == []
    # and when it is tried again, it changes the others
    await world.get(JobDriving).retry(ada, job.id)
    await world.work_off()
    assert await written(world) == [(["new"], 2)] * MANY


async def test_two_edits_of_the_same_tracks_lose_nothing(world: World) -> None:
    # given edits of the same tracks, and somebody who likes them meanwhile
    ada = await world.person()
    tracks = await some_tracks(world, ada, BATCH)
    jobs = [await tagging(world, ada, tracks, tag) for tag in ("one", "two", "three")]
    # when they run at the same time
    await asyncio.gather(
        *(world.work_one(f"worker-{number}") for number in range(3)),
        *(world.get(LikeService).like(ada, track.id) for track in tracks),
    )
    await world.work_off()
    # then every track has all three tags, by three changes
    assert [(await state(world, ada, job)).status for job in jobs] == [JobStatus.SUCCEEDED] * 3
    assert [(sorted(tags), revision) for tags, revision in await written(world)] == [
        (["one", "three", "two"], 4)
    ] * BATCH
