"""From an accepted wish to a track, with twins for models and storage and a real MongoDB."""

from pathlib import Path

import pytest

from adapters.media.twin import FastStudio
from deploy.embedded import Endpoints
from domain.credits.services.wallets import CreditWallets
from domain.generation.services.request import GenerationRequests
from domain.idempotency.errors import IdempotencyConflict
from domain.jobs.events import topic_of
from domain.jobs.model import JobStage, JobStatus
from domain.jobs.services.follow import JobFollowing
from domain.kit.audio.music_engine import SAMPLE_RATE
from domain.kit.errors import NotFound
from domain.library.model import AssetKind
from domain.library.service import LibraryService
from domain.playback.services.playback import PlaybackService
from tests.world import World, open_world


async def test_an_accepted_wish_becomes_a_track_with_all_its_files(world: World) -> None:
    # given a person who asked for a song
    ada = await world.person()
    job = await world.ask(ada, prompt="calm piano in A minor", title="Evening")
    # when a worker takes it
    await world.work_off()
    # then the job has succeeded and the track is in the library
    done = await world.get(JobFollowing).get(ada, job.id)
    assert (done.status, done.stage, done.progress, done.problem) == (JobStatus.SUCCEEDED, JobStage.DONE, 1.0, None)
    generation = (await world.get(GenerationRequests).by_job(ada, [job.id]))[job.id]
    track = await world.get(LibraryService).track(ada, generation.track_id)
    assert (track.title, track.artist, track.owner_id) == ("Evening", "Ada", ada.account_id)
    version = (await world.get(LibraryService).versions_by_id(ada, [track.current_version_id]))[
        track.current_version_id
    ]
    assert version.key == "A minor"
    assert version.duration_seconds == pytest.approx(6.0, abs=0.001)
    assert {asset.kind for asset in version.assets} == set(AssetKind) - {AssetKind.ORIGINAL}
    assert set(version.stems()) == {"chords", "bass"}
    # and every file that MongoDB knows lies in storage with that many bytes
    assert {asset.key: asset.size_bytes for asset in version.assets} == {
        asset.key: len(world.blobs.objects[asset.key][0]) for asset in version.assets
    }


async def test_playback_is_complete_after_success_and_its_segments_are_stored(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    await world.work_off()
    generation = (await world.get(GenerationRequests).by_job(ada, [job.id]))[job.id]
    # when the owner asks where it plays
    playback = await world.get(PlaybackService).playback(ada, generation.track_id)
    # then the whole song is there
    assert playback.is_complete
    assert playback.duration_seconds == pytest.approx(6.0, abs=0.001)
    assert len(playback.downloads) == 12
    token = playback.hls_url.split("/")[-2]
    rendition = await world.get(PlaybackService).rendition_for(token)
    names = ["init.mp4", *(segment.name for segment in rendition.segments)]
    assert [variant.name for variant in rendition.variants] == ["96k", "160k", "320k"]
    keys = [rendition.key_of(variant.name, name) for variant in rendition.variants for name in names]
    assert set(keys) <= set(world.blobs.objects)


async def test_what_was_understood_is_kept_with_the_job(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada, prompt="Am, 6/8, brushed drums, no piano", bpm=60.0)
    await world.work_off()
    brief = (await world.get(GenerationRequests).by_job(ada, [job.id]))[job.id].brief
    assert brief is not None
    assert brief.key is not None
    assert (brief.key.label(), brief.bpm) == ("A minor", 60.0)
    assert brief.meter is not None
    assert brief.meter.label() == "6/8"
    assert brief.instruments == ("brushed drums",)
    assert "piano" in brief.excluded_instruments
    assert (brief.sources["bpm"], brief.sources["key"]) == ("field", "prompt")


async def test_a_broken_stream_is_tried_again_and_shows_nothing_half_made(world: World) -> None:
    # given an engine that breaks in the middle of the song
    ada = await world.person()
    world.engine.fail_at_chunk = 2
    job = await world.ask(ada)
    # when a worker tries
    await world.work_one()
    # then the next attempt waits, and nothing of the first can be played
    waiting = await world.get(JobFollowing).get(ada, job.id)
    assert (waiting.status, waiting.attempt) == (JobStatus.QUEUED, 2)
    generation = (await world.get(GenerationRequests).by_job(ada, [job.id]))[job.id]
    with pytest.raises(NotFound):
        await world.get(PlaybackService).playback(ada, generation.track_id)
    assert await world.documents("tracks") == []
    assert world.blobs.objects == {}
    # and when the engine is well again, the song is made
    world.engine.fail_at_chunk = None
    await world.work_off()
    done = await world.get(JobFollowing).get(ada, job.id)
    assert (done.status, done.attempt) == (JobStatus.SUCCEEDED, 2)
    assert len(await world.documents("tracks")) == 1


async def test_an_engine_that_stays_away_fails_the_job_with_its_name(world: World) -> None:
    ada = await world.person()
    world.engine.is_down = True
    job = await world.ask(ada)
    attempts = await world.work_off()
    failed = await world.get(JobFollowing).get(ada, job.id)
    assert attempts == 4
    assert failed.status is JobStatus.FAILED
    assert failed.problem is not None
    assert failed.problem.code == "DEPENDENCY_UNAVAILABLE"
    assert "Triton" in failed.problem.message


async def test_another_model_writes_when_it_is_asked_for_and_tells_how_far_it_is(world: World) -> None:
    # given a song that is to be written bar by bar
    ada = await world.person()
    job = await world.ask(ada, model_id="score-tiny", duration_seconds=16.0)
    # when a worker makes it
    await world.work_off()
    # then it is there and says who wrote it
    generation = (await world.get(GenerationRequests).by_job(ada, [job.id]))[job.id]
    track = await world.get(LibraryService).track(ada, generation.track_id)
    assert track.current.origin.model_id == "score-tiny"
    # and the bars moved the progress on between two stages: eight of two seconds each
    told = [event.data for event in world.events.topics[topic_of(job.id)] if event.data["stage"] == "COMPOSING"]
    assert [data["progress"] for data in told] == pytest.approx([0.03 + 0.03 * bar / 8 for bar in range(9)], abs=1e-4)


async def test_a_model_that_this_server_has_not_is_an_outage(world: World) -> None:
    ada = await world.person()
    world.engine.lacks = ("score_tiny",)
    job = await world.ask(ada, model_id="score-tiny")
    await world.work_off()
    failed = await world.get(JobFollowing).get(ada, job.id)
    assert failed.problem is not None
    assert (failed.status, failed.problem.code, failed.attempt) == (JobStatus.FAILED, "DEPENDENCY_UNAVAILABLE", 4)
    assert (await world.get(CreditWallets).balance(ada)).held == 0


async def test_storage_that_is_gone_fails_no_differently(world: World) -> None:
    ada = await world.person()
    world.blobs.is_down = True
    job = await world.ask(ada)
    await world.work_one()
    waiting = await world.get(JobFollowing).get(ada, job.id)
    assert (waiting.status, waiting.attempt) == (JobStatus.QUEUED, 2)
    # what could not be removed is hidden, until somebody can
    assert [record["is_doomed"] for record in await world.documents("renditions")] == [True]


async def test_lost_events_do_not_hurt_the_song(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    world.events.is_down = True
    await world.work_off()
    world.events.is_down = False
    assert (await world.get(JobFollowing).get(ada, job.id)).status is JobStatus.SUCCEEDED


async def test_the_same_idempotency_key_is_one_job(world: World) -> None:
    ada = await world.person()
    first = await world.ask(ada, idempotency_key="once")
    second = await world.ask(ada, idempotency_key="once")
    assert second.id == first.id
    assert len(await world.documents("jobs")) == 1
    with pytest.raises(IdempotencyConflict):
        await world.ask(ada, idempotency_key="once", prompt="something else")
    # and after a day the key is free again
    world.clock.advance(24 * 3600 + 1)
    third = await world.ask(ada, idempotency_key="once", prompt="something else")
    assert third.id != first.id


async def test_a_key_belongs_to_its_owner(world: World) -> None:
    ada, bob = await world.person(), await world.person("Bob")
    first = await world.ask(ada, idempotency_key="once")
    assert (await world.ask(bob, idempotency_key="once")).id != first.id


async def test_a_full_disk_is_told_and_leaves_nothing(endpoints: Endpoints, tmp_path: Path) -> None:
    # given a worker whose disk holds three seconds of sound
    studio = FastStudio(full_after_frames=3 * SAMPLE_RATE)
    async with open_world(endpoints.mongo_url, tmp_path, studio) as world:
        ada = await world.person()
        job = await world.ask(ada)
        # when it has tried as often as it may
        await world.work_off()
        # then the job says why, and there is neither a track nor a file
        failed = await world.get(JobFollowing).get(ada, job.id)
        assert failed.problem is not None
        assert (failed.status, failed.problem.code) == (JobStatus.FAILED, "STORAGE_FULL")
        assert await world.documents("tracks") == []
        assert world.blobs.objects == {}
        assert not list(world.kit.settings.worker.work_dir.iterdir())
