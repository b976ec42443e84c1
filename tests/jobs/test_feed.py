"""Watching all jobs of a person: no gap and nothing twice, whatever happens to connections and to the bus."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from domain.jobs.events import feed_of
from domain.jobs.feed_cursor import FeedCursor
from domain.jobs.model import Job, Lease
from domain.jobs.services.follow_all import STILL_TO_BE_POSTED, TOLD_WITHIN, JobFeed
from domain.jobs.services.run import JobRunning
from domain.kit.caller import ANONYMOUS, Caller
from domain.kit.errors import Unauthenticated
from domain.kit.event_bus import Post
from domain.kit.transactions import Session
from tests.world import World

Told = tuple[str, int]


def told(post: Post) -> Told:
    return post.data["job_id"], post.data["revision"]


async def take(posts: AsyncGenerator[Post, None], count: int) -> list[Post]:
    async with asyncio.timeout(10):
        return [await anext(posts) for _ in range(count)]


async def claimed(world: World, job: Job) -> Lease:
    lease = await world.get(JobRunning).claim(job.id, job.attempt, "worker-1")
    assert lease is not None
    return lease


async def no_effects(session: Session) -> None:
    """What a job without a result writes."""


async def test_open_jobs_come_first_then_every_change_of_all_of_them(world: World) -> None:
    # given two open jobs, a finished one, and somebody else's
    ada, bob = await world.person(), await world.person("Bob")
    done = await world.ask(ada)
    await world.get(JobRunning).succeed(await claimed(world, done), no_effects)
    first, second = await world.ask(ada), await world.ask(ada)
    await world.ask(bob)
    async with aclosing(world.get(JobFeed).watch(ada)) as posts:
        # then the open ones are told as they are
        assert [told(post) for post in await take(posts, 2)] == [(first.id, 1), (second.id, 1)]
        # and then what happens to old and new ones
        lease = await claimed(world, second)
        third = await world.ask(ada)
        await world.get(JobRunning).report(lease, 0.5)
        assert [told(post) for post in await take(posts, 3)] == [(second.id, 2), (third.id, 1), (second.id, 3)]


async def test_nobody_has_no_jobs_to_watch(world: World) -> None:
    with pytest.raises(Unauthenticated):
        await anext(world.get(JobFeed).watch(ANONYMOUS))


@pytest.mark.parametrize("seed", range(12))
async def test_whoever_reconnects_misses_nothing_and_hears_nothing_twice(world: World, seed: int) -> None:
    # given jobs that change at random, and a watcher whose connection breaks at random
    dice = random.Random(seed)
    ada = await world.person()
    jobs = [await world.ask(ada) for _ in range(3)]
    working = asyncio.gather(
        *(_report_at_random(world, job, random.Random(seed * 10 + n)) for n, job in enumerate(jobs))
    )
    seen: list[Told] = []
    after: FeedCursor | None = None
    finished = 0
    while finished < 3:
        left = dice.randint(1, 6)
        async with aclosing(world.get(JobFeed).watch(ada, after)) as posts:
            async for post in posts:
                seen.append(told(post))
                after = FeedCursor.parse(post.position)
                finished += post.data["status"] == "SUCCEEDED"
                left -= 1
                if left == 0 or finished == 3:
                    break
        await asyncio.sleep(dice.choice((0, 0.005, 0.02)))
    await working
    # then of each job every revision from the first one seen on was seen once, in order
    for job in jobs:
        revisions = [revision for job_id, revision in seen if job_id == job.id]
        assert revisions == list(range(revisions[0], revisions[0] + len(revisions)))


async def _report_at_random(world: World, job: Job, dice: random.Random) -> None:
    lease = await claimed(world, job)
    for step in range(1, 11):
        await world.get(JobRunning).report(lease, step / 11)
        await asyncio.sleep(dice.choice((0, 0, 0.002, 0.01)))
    await world.get(JobRunning).succeed(lease, no_effects)


async def last_position(world: World, ada: Caller, count: int) -> FeedCursor:
    async with aclosing(world.get(JobFeed).watch(ada)) as posts:
        return FeedCursor.parse((await take(posts, count))[-1].position)


async def test_what_a_lost_bus_did_not_tell_comes_from_the_record(world: World) -> None:
    # given a watcher who left, and a bus that was away while a job was finished
    ada = await world.person()
    job, other = await world.ask(ada), await world.ask(ada)
    position = await last_position(world, ada, 2)
    world.events.is_down = True
    await world.get(JobRunning).succeed(await claimed(world, job), no_effects)
    world.events.is_down = False
    # when the watcher is back, then the end is told, once, and of the other job nothing
    async with aclosing(world.get(JobFeed).watch(ada, position)) as posts:
        (post,) = await take(posts, 1)
        assert (told(post), post.data["status"]) == ((job.id, 3), "SUCCEEDED")
        lease = await claimed(world, other)
        assert [told(post) for post in await take(posts, 1)] == [(other.id, 2)]
        await world.get(JobRunning).report(lease, 0.5)


async def test_a_connected_watcher_hears_what_a_lost_bus_did_not_tell(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    async with aclosing(world.get(JobFeed).watch(ada)) as posts:
        await take(posts, 1)
        world.events.is_down = True
        await world.get(JobRunning).succeed(await claimed(world, job), no_effects)
        (post,) = await take(posts, 1)
        assert (told(post), post.data["status"]) == ((job.id, 3), "SUCCEEDED")


async def test_an_emptied_bus_costs_no_change(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    position = await last_position(world, ada, 1)
    lease = await claimed(world, job)
    world.events.wipe()
    async with aclosing(world.get(JobFeed).watch(ada, position)) as posts:
        assert [told(post) for post in await take(posts, 1)] == [(job.id, 2)]
        await world.get(JobRunning).report(lease, 0.5)
        assert [told(post) for post in await take(posts, 1)] == [(job.id, 3)]


async def test_what_was_told_last_is_not_told_again_when_the_bus_has_forgotten_it(world: World) -> None:
    # given a watcher who was told of an end, and left, before the bus lost all
    ada = await world.person()
    job = await world.ask(ada)
    async with aclosing(world.get(JobFeed).watch(ada)) as posts:
        await take(posts, 1)
        await world.get(JobRunning).succeed(await claimed(world, job), no_effects)
        position = FeedCursor.parse((await take(posts, 2))[-1].position)
    world.events.wipe()
    world.clock.advance(STILL_TO_BE_POSTED.total_seconds() + 1)
    # when the watcher is back, then only what is new is told
    async with aclosing(world.get(JobFeed).watch(ada, position)) as posts:
        assert await news(world, ada, posts) == ["new", "newer"]


async def test_what_the_record_told_is_not_told_again_after_a_reconnect(world: World) -> None:
    # given an end of which only the record knew
    ada = await world.person()
    job = await world.ask(ada)
    async with aclosing(world.get(JobFeed).watch(ada)) as posts:
        await take(posts, 1)
        world.events.is_down = True
        await world.get(JobRunning).succeed(await claimed(world, job), no_effects)
        position = FeedCursor.parse((await take(posts, 1))[-1].position)
    world.events.is_down = False
    world.clock.advance(STILL_TO_BE_POSTED.total_seconds() + 1)
    # when the watcher is back, then only what is new is told
    async with aclosing(world.get(JobFeed).watch(ada, position)) as posts:
        assert await news(world, ada, posts) == ["new", "newer"]


async def test_who_leaves_while_being_told_of_a_loss_is_told_of_it_the_next_time(world: World) -> None:
    # given a watcher who left, an end of which only the record knows, and later changes that the bus has told
    ada = await world.person()
    job, other = await world.ask(ada), await world.ask(ada)
    after = await last_position(world, ada, 2)
    world.events.is_down = True
    await world.get(JobRunning).succeed(await claimed(world, job), no_effects)
    world.events.is_down = False
    world.clock.advance(TOLD_WITHIN.total_seconds() + 5)
    lease = await claimed(world, other)
    await world.get(JobRunning).report(lease, 0.5)
    heard: list[Told] = []
    # when the watcher leaves again after each thing heard
    for _ in range(3):
        async with aclosing(world.get(JobFeed).watch(ada, after)) as posts:
            (post,) = await take(posts, 1)
        heard.append(told(post))
        after = FeedCursor.parse(post.position)
    # then nothing was missed, and nothing told twice
    assert sorted(heard) == sorted([(job.id, 3), (other.id, 2), (other.id, 3)])


async def test_an_end_that_was_written_late_is_told_after_a_reconnect(world: World) -> None:
    # given a watcher who knew of a running job, and left
    ada = await world.person()
    job, other = await world.ask(ada), await world.ask(ada)
    after = await last_position(world, ada, 2)
    # when its end is written with the time of its beginning, behind a later change of another job
    world.events.is_down = True
    await world.get(JobRunning).succeed(await claimed(world, job), no_effects)
    world.events.is_down = False
    world.clock.advance(TOLD_WITHIN.total_seconds() + 5)
    await claimed(world, other)
    after = FeedCursor((await world.events.posts(feed_of(ada.require())))[-1].position, {**after.told, other.id: 2})
    # then it is told all the same
    async with aclosing(world.get(JobFeed).watch(ada, after)) as posts:
        assert [told(post) for post in await take(posts, 1)] == [(job.id, 3)]


async def news(world: World, ada: Caller, posts: AsyncGenerator[Post, None]) -> list[str]:
    """What a watcher hears first who is there while one job is accepted and then another."""
    names = {(await world.ask(ada)).id: "new"}
    first = await take(posts, 1)
    names[(await world.ask(ada)).id] = "newer"
    return [names.get(post.data["job_id"], "old") for post in [*first, *await take(posts, 1)]]
