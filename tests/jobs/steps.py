"""What tests of jobs do again and again, and what they look at."""

from contextlib import aclosing
from typing import Any

from domain.generation.services.request import GenerationRequests
from domain.jobs.model import Job, JobProblem, Lease
from domain.jobs.services.follow import JobFollowing
from domain.jobs.services.run import JobRunning
from domain.kit.caller import Caller
from domain.kit.transactions import Session
from domain.playback.model import Rendition
from domain.playback.services.playback import PlaybackService
from tests.playback.playlists import VARIANTS
from tests.world import World

BROKEN = JobProblem("BROKEN", "It broke.")
COLLECTIONS = ("jobs", "job_outbox", "generations", "renditions", "tracks", "versions")


async def claimed(world: World, job: Job, attempt: int = 1) -> Lease:
    """The lease of a worker that has just begun."""
    lease = await world.get(JobRunning).claim(job.id, attempt, "worker-1")
    assert lease is not None
    return lease


async def contents(world: World) -> dict[str, list[dict[str, Any]]]:
    return {name: await world.documents(name) for name in COLLECTIONS}


async def state(world: World, caller: Caller, job: Job) -> Job:
    return await world.get(JobFollowing).get(caller, job.id)


async def reached(world: World, caller: Caller, job: Job, name: str, value: object) -> None:
    """Returns when the job says so."""
    async with aclosing(world.get(JobFollowing).watch(caller, job.id)) as events:
        async for event in events:
            if event.data[name] == value:
                return


async def rendition_of(world: World, caller: Caller, lease: Lease) -> Rendition:
    """An empty rendition of this attempt, begun."""
    generation = (await world.get(GenerationRequests).by_job(caller, [lease.job_id]))[lease.job_id]
    rendition = Rendition(
        generation.version_id,
        generation.track_id,
        caller.require(),
        lease.job_id,
        lease.attempt,
        "songs/1",
        VARIANTS,
        (),
        False,
    )
    await begin(world, rendition)
    return rendition


async def begin(world: World, rendition: Rendition) -> None:
    await world.kit.transactions.run(lambda session: world.get(PlaybackService).begin(rendition, session))


async def no_effects(session: Session) -> None:
    """What a job without a result writes."""
