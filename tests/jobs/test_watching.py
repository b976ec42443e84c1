"""Watching jobs while the bus says nothing: news still comes, and many watchers cost few queries."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

from domain.jobs.model import Job
from domain.jobs.services.follow import JobFollowing
from domain.jobs.services.look_again import JobGlances
from domain.jobs.services.run import JobRunning
from domain.jobs.stores.jobs import JobStore
from domain.kit.caller import Caller
from domain.kit.event_bus import Event
from tests.graphql.commands import CommandLog
from tests.jobs.steps import claimed
from tests.world import World


async def first_changes(world: World, owner: Caller, job: Job, count: int) -> Sequence[Event]:
    """What somebody who watches sees first."""
    seen: list[Event] = []
    async with aclosing(world.get(JobFollowing).watch(owner, job.id)) as events:
        async for event in events:
            seen.append(event)
            if len(seen) == count:
                break
    return seen


async def test_who_watches_hears_of_a_change_that_the_bus_never_told(world: World) -> None:
    # Given somebody who watches a running job
    ada = await world.person()
    lease = await claimed(world, job := await world.ask(ada))
    watching = asyncio.create_task(first_changes(world, ada, job, 2))
    await asyncio.sleep(0)

    # When the bus is away for a change
    world.events.is_down = True
    await world.get(JobRunning).report(lease, 0.4)
    world.events.is_down = False

    # Then it is told from the record
    assert [(event.id, event.data["progress"]) for event in await watching][-1] == (3, 0.4)


async def test_glances_at_the_same_time_are_one_query(commands: CommandLog, world: World) -> None:
    # Given jobs of two people
    ada, bob = await world.person("Ada"), await world.person("Bob")
    jobs = [await world.ask(owner) for owner in (ada, bob, ada)]
    glances = JobGlances(JobStore(), gather_seconds=0.01)

    # When all are looked at by many at the same time
    with commands.listening() as asked:
        revisions = await asyncio.gather(*(glances.revision(job.owner_id, job.id) for job in jobs * 50))

    # Then each is known by one query, and a later glance looks again
    assert revisions == [job.revision for job in jobs * 50]
    assert asked == ["find jobs"]
    await claimed(world, jobs[0])
    assert await glances.revision(jobs[0].owner_id, jobs[0].id) == jobs[0].revision + 1


async def test_a_glance_at_what_is_not_ones_own_shows_nothing(world: World) -> None:
    ada, bob = await world.person("Ada"), await world.person("Bob")
    hers, his = await world.ask(ada), await world.ask(bob)
    glances = JobGlances(JobStore(), gather_seconds=0.01)

    seen = await asyncio.gather(
        glances.revision(his.owner_id, hers.id), glances.revision(his.owner_id, his.id), glances.revision("x", "y")
    )

    assert list(seen) == [None, his.revision, None]


async def test_one_who_leaves_does_not_take_the_others_glance_away(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    glances = JobGlances(JobStore(), gather_seconds=0.05)
    staying, leaving = (asyncio.create_task(glances.revision(job.owner_id, job.id)) for _ in range(2))
    await asyncio.sleep(0.01)

    leaving.cancel()

    assert await staying == job.revision
