"""The next attempt goes on behind the steps that are finished, and only then."""

import asyncio
from contextlib import aclosing

import pytest

from adapters.memory.audio_engine import TONES
from domain.generation.services.request import GenerationRequests
from domain.jobs.errors import LeaseLost
from domain.jobs.model import JobStatus
from domain.jobs.services.drive_again import JobDriving
from domain.jobs.services.follow import JobFollowing
from domain.jobs.services.run import JobRunning
from domain.jobs.services.steps import JobSteps
from domain.playback.model import Rendition
from domain.playback.services.janitor import RenditionJanitor
from domain.playback.services.playback import PlaybackService
from tests.playback.playlists import VARIANTS
from tests.world import World


async def block_the_version(world: World, job_id: str, owner: str) -> None:
    """Makes the last transaction of a song fail, as a crash in it would."""
    (generation,) = await world.documents("generations")
    blocker = {"_id": generation["version_id"], "owner_id": owner, "track_id": "nothing"}
    await world.client[world.database]["versions"].insert_one(blocker)


async def unblock(world: World) -> None:
    await world.client[world.database]["versions"].delete_many({"track_id": "nothing"})


async def test_a_written_score_is_not_written_again(world: World) -> None:
    # given a song that broke while it was rendered
    ada = await world.person()
    job = await world.ask(ada, duration_seconds=20.0)
    world.engine.fail_at_chunk = 2
    await world.work_one()
    assert (world.engine.composed, world.engine.rendered) == (1, 1)
    # when the next attempt runs
    world.engine.fail_at_chunk = None
    await world.work_off()
    # then it renders the same score
    assert (world.engine.composed, world.engine.rendered) == (1, 2)
    done = await world.get(JobFollowing).get(ada, job.id)
    assert (done.status, done.attempt) == (JobStatus.SUCCEEDED, 2)
    # and nothing of the steps is kept
    assert await world.documents("job_steps") == []


async def test_stored_files_are_shown_by_the_next_attempt(world: World) -> None:
    # given a song whose files are stored, but whose last transaction failed
    ada = await world.person()
    job = await world.ask(ada)
    await block_the_version(world, job.id, ada.require())
    await world.work_one()
    waiting = await world.get(JobFollowing).get(ada, job.id)
    assert (waiting.status, waiting.failures) == (JobStatus.QUEUED, 1)
    objects = dict(world.blobs.objects)
    assert len(objects) > 5
    # when the next attempt runs
    await unblock(world)
    await world.work_off()
    # then nothing was rendered or stored again, and the song is there
    assert (world.engine.composed, world.engine.rendered) == (1, 1)
    assert world.blobs.objects == objects
    done = await world.get(JobFollowing).get(ada, job.id)
    assert (done.status, done.is_playable) == (JobStatus.SUCCEEDED, True)
    (version,) = await world.documents("versions")
    assert {asset["key"] for asset in version["assets"]} <= set(objects)
    (rendition,) = await world.documents("renditions")
    assert (rendition["attempt"], rendition["is_complete"]) == (2, True)


async def test_files_that_are_gone_are_made_again(world: World) -> None:
    # given a job that failed for good with its files stored, so that the janitor took them away
    ada = await world.person()
    job = await world.ask(ada)
    await block_the_version(world, job.id, ada.require())
    await world.work_off()
    assert (await world.get(JobFollowing).get(ada, job.id)).status is JobStatus.FAILED
    world.clock.advance(61)
    assert await world.get(RenditionJanitor).sweep() == 1
    assert (world.blobs.objects, await world.documents("renditions")) == ({}, [])
    # when its owner tries it again
    await unblock(world)
    await world.get(JobDriving).retry(ada, job.id)
    await world.work_off()
    # then it is rendered anew from the score that was kept
    assert (world.engine.composed, world.engine.rendered) == (1, 2)
    (version,) = await world.documents("versions")
    assert {asset["key"] for asset in version["assets"]} <= set(world.blobs.objects)


async def test_a_cancel_after_the_files_are_stored_takes_them_back(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    await block_the_version(world, job.id, ada.require())
    await world.work_one()
    await unblock(world)
    # given a next attempt whose owner cancels just before its end
    message = world.queue.messages.pop(0)
    lease = await world.get(JobRunning).claim(job.id, message.attempt, "worker-2")
    assert lease is not None
    await world.get(JobFollowing).cancel(ada, job.id)
    await world.get(JobRunning).cancel(lease)
    # when the janitor comes by, then nothing of the song is left
    world.clock.advance(61)
    await world.get(RenditionJanitor).sweep()
    assert (world.blobs.objects, await world.documents("renditions")) == ({}, [])
    assert await world.documents("tracks") == []


async def test_the_janitor_leaves_songs_alone_that_are_being_made_or_are_done(world: World) -> None:
    ada = await world.person()
    await world.ask(ada)
    await world.work_off()
    job = await world.ask(ada)
    world.engine.seconds_per_chunk = 0.2
    working = asyncio.create_task(world.work_one())
    async with aclosing(world.get(JobFollowing).watch(ada, job.id)) as events:
        async for event in events:
            if event.data["is_playable"]:
                break
    before = dict(world.blobs.objects)
    world.clock.advance(61)
    assert await world.get(RenditionJanitor).sweep() == 0
    assert set(before) <= set(world.blobs.objects)
    await working


async def test_an_attempt_that_is_over_keeps_no_step(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    lease = await world.get(JobRunning).claim(job.id, 1, "worker-1")
    assert lease is not None
    await world.get(JobRunning).hand_back(lease)
    with pytest.raises(LeaseLost):
        await world.get(JobSteps).record(lease, "score", b"late")
    assert await world.documents("job_steps") == []
    generation = (await world.get(GenerationRequests).by_job(ada, [job.id]))[job.id]
    assert generation.title is None


async def test_an_attempt_that_wakes_up_late_leaves_the_song_of_the_next_one_alone(world: World) -> None:
    # given an attempt that stored its files and then lost its lease, and a next one that took them up
    ada = await world.person()
    job = await world.ask(ada)
    await block_the_version(world, job.id, ada.require())
    await world.work_one()
    (before,) = await world.documents("renditions")
    old = Rendition(
        before["_id"], before["track_id"], before["owner_id"], job.id, 1, before["prefix"], VARIANTS, (), False
    )
    await unblock(world)
    await world.work_off()
    # when the first one cleans up behind itself
    objects = dict(world.blobs.objects)
    assert not await world.get(PlaybackService).take_back(old)
    # then the finished song is as it was
    assert world.blobs.objects == objects
    (after,) = await world.documents("renditions")
    assert (after["is_complete"], after["is_doomed"]) == (True, False)


async def test_what_the_janitor_has_begun_to_remove_is_not_taken_up(world: World) -> None:
    # given a failed job with stored files, of which the janitor has hidden the rendition but not removed anything yet
    ada = await world.person()
    job = await world.ask(ada)
    await block_the_version(world, job.id, ada.require())
    await world.work_off()
    await unblock(world)
    await world.client[world.database]["renditions"].update_many({}, {"$set": {"is_doomed": True}})
    # when the job is tried again meanwhile
    await world.get(JobDriving).retry(ada, job.id)
    await world.work_off()
    # then it is rendered anew, under a name of its own
    assert world.engine.rendered == 2
    (version,) = await world.documents("versions")
    assert {asset["key"] for asset in version["assets"]} <= set(world.blobs.objects)
    (rendition,) = await world.documents("renditions")
    assert (rendition["is_complete"], rendition["is_doomed"]) == (True, False)


async def test_a_clean_up_that_breaks_is_ended_by_the_janitor(world: World) -> None:
    # given an attempt that is canceled while object storage is away
    ada = await world.person()
    job = await world.ask(ada, duration_seconds=20.0)
    world.engine.seconds_per_chunk = 0.05
    working = asyncio.create_task(world.work_one())
    async with aclosing(world.get(JobFollowing).watch(ada, job.id)) as events:
        async for event in events:
            if event.data["is_playable"]:
                break
    world.blobs.is_down = True
    await world.get(JobFollowing).cancel(ada, job.id)
    await working
    world.blobs.is_down = False
    assert world.blobs.objects != {}
    assert [record["is_doomed"] for record in await world.documents("renditions")] == [True]
    # when the janitor comes by, then nothing is left
    world.clock.advance(61)
    assert await world.get(RenditionJanitor).sweep() == 1
    assert (world.blobs.objects, await world.documents("renditions")) == ({}, [])


async def test_a_song_whose_samples_are_stored_ends_without_its_model(world: World) -> None:
    # given a song by an added model whose files are stored, but whose last transaction failed
    world.audio.served = (TONES,)
    ada = await world.person()
    job = await world.ask(ada, model_id="tones", duration_seconds=6.0)
    await block_the_version(world, job.id, ada.require())
    await world.work_one()
    await unblock(world)
    # when the model is gone, or is another by now
    world.audio.served = ()
    world.clock.advance(60)
    await world.work_off()
    # then the song is there, made by what has made it
    done = await world.get(JobFollowing).get(ada, job.id)
    assert done.status == JobStatus.SUCCEEDED
    (version,) = await world.documents("versions")
    assert (version["origin"]["model_id"], version["origin"]["model_version"]) == ("tones", TONES.version)
