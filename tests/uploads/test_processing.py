"""From a file to a track, with the real decoder and encoders, twins for storage and queue, and a real MongoDB."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest

from adapters.media.studio import FfmpegStudio
from deploy.embedded import Endpoints
from domain.jobs.errors import LeaseLost
from domain.jobs.model import JobStatus
from domain.jobs.services.drive_again import JobDriving
from domain.jobs.services.follow import JobFollowing
from domain.jobs.services.run import JobRunning
from domain.jobs.services.sweep import JobSweeping
from domain.kit.audio.media import Audio
from domain.kit.caller import Caller
from domain.kit.errors import NotFound
from domain.library.model import AssetKind, VersionKind
from domain.library.service import LibraryService
from domain.playback.model import Rendition, media_playlist
from domain.playback.services.playback import PlaybackService
from domain.uploads.model import Upload
from domain.uploads.services.janitor import UploadJanitor
from domain.uploads.services.look import UploadLooking
from domain.uploads.services.process import UploadProcessing
from tests.media.decoding import decoded
from tests.playback.playlists import parse_media
from tests.uploads.bringing import brought
from tests.uploads.hostile import corpus
from tests.uploads.sounds import FLAC, MP3, WAV_32F, encoded, picture, tones
from tests.world import World, open_world

MILLISECOND = 44


@pytest.fixture
async def real(endpoints: Endpoints, tmp_path: Path) -> AsyncGenerator[World, None]:
    """A world whose encoders are real."""
    async with open_world(endpoints.mongo_url, tmp_path, FfmpegStudio()) as opened:
        yield opened


async def rendition_of(world: World, upload: Upload, caller: Caller) -> Rendition:
    playback = await world.get(PlaybackService).playback(caller, upload.track_id)
    return await world.get(PlaybackService).rendition_for(playback.hls_url.split("/")[-2])


def served(world: World, rendition: Rendition, variant: str) -> list[bytes]:
    """The init segment and the media segments of a variant, as a player fetches them."""
    playlist = parse_media(media_playlist(rendition, variant))
    names = ["init.mp4", *(name for _, name in playlist.segments)]
    data = [world.blobs.objects[rendition.key_of(variant, name) or ""][0] for name in names]
    spans = [slice(None), *(slice(span[0], sum(span)) if span else slice(None) for span in playlist.spans)]
    return [whole[span] for whole, span in zip(data, spans, strict=True)]


def signal_to_noise(expected: Audio, heard: Audio) -> float:
    error = np.mean((expected - heard) ** 2)
    return float(10 * np.log10(np.mean(expected**2) / error))


def loudness(audio: Audio) -> float:
    return float(pyloudnorm.Meter(44_100).integrated_loudness(audio.astype(np.float64)))


async def test_a_file_becomes_a_track_with_all_its_files(real: World) -> None:
    # given a file with tags and a cover
    ada = await real.person()
    tags = {"title": "Rain", "artist": "Grace", "genre": "ambient"}
    data = encoded(tones(5.0), MP3, tags=tags, cover=picture(200, 200))
    upload, job = await brought(real, ada, data, name="whatever.wav")
    # when a worker takes it
    await real.work_off()
    # then the track is in the library, by its own words
    done = await real.get(JobFollowing).get(ada, job.id)
    assert (done.status, done.problem, done.credits_charged) == (JobStatus.SUCCEEDED, None, 0)
    track = await real.get(LibraryService).track(ada, upload.track_id)
    assert (track.title, track.artist, track.genre) == ("Rain", "Grace", "ambient")
    version = (await real.get(LibraryService).versions_by_id(ada, [upload.version_id]))[upload.version_id]
    assert (version.origin.kind, version.origin.job_id) == (VersionKind.UPLOADED, job.id)
    assert (version.origin.model_id, version.origin.seed, version.bpm) == (None, None, None)
    assert version.duration_seconds == pytest.approx(5.0, abs=0.06)
    # with the original as it was brought, under what it really is
    original = version.asset(AssetKind.ORIGINAL)
    assert original is not None
    assert (original.key.rpartition("/")[2], original.content_type) == ("original.mp3", "audio/mpeg")
    assert real.blobs.objects[original.key][0] == data
    assert original.sha256 == hashlib.sha256(data).hexdigest()
    # and its cover, and every other file that a song has
    kinds = [asset.kind for asset in version.assets]
    assert sorted(kinds) == sorted(
        ["MASTER", "COVER", "PICTURE", "WAVEFORM", "WAVEFORM", "WAVEFORM", "ORIGINAL", "MIDI"]
    )
    assert {asset.key: asset.size_bytes for asset in version.assets} == {
        asset.key: len(real.blobs.objects[asset.key][0]) for asset in version.assets
    }
    # and what was brought is gone from where clients may write
    assert not any(key.startswith("uploads/") for key in real.blobs.objects)


async def test_what_is_served_is_what_was_brought(real: World) -> None:
    # given a lossless file
    ada = await real.person()
    audio = tones(9.37)
    upload, _ = await brought(real, ada, encoded(audio, FLAC))
    await real.work_off()
    rendition = await rendition_of(real, upload, ada)
    # then its master has its very samples
    version = (await real.get(LibraryService).versions_by_id(ada, [upload.version_id]))[upload.version_id]
    master = version.asset(AssetKind.MASTER)
    assert master is not None
    source = decoded(encoded(audio, FLAC))
    assert np.array_equal(decoded(real.blobs.objects[master.key][0]), source)
    # and each rung has its length, its loudness and its sound, the joins included
    assert [variant.name for variant in rendition.variants] == ["96k", "160k", "320k"]
    assert rendition.duration_seconds == pytest.approx(9.37, abs=1e-4)
    # at no more than is announced
    for variant in rendition.variants:
        _, *media = served(real, rendition, variant.name)
        rates = [8 * len(data) / part.duration_seconds for data, part in zip(media, rendition.segments, strict=True)]
        assert max(
            rate for rate, part in zip(rates, rendition.segments, strict=True) if part.duration_seconds >= 1
        ) <= (variant.bandwidth)
    cuts = np.cumsum([round(segment.duration_seconds * 44_100) for segment in rendition.segments[:-1]])
    for variant in rendition.variants:
        whole = decoded(b"".join(served(real, rendition, variant.name)))
        assert 0 <= len(whole) - len(audio) < 1_024
        joined = whole[: len(audio)]
        assert signal_to_noise(source, joined) > 20.0
        assert loudness(joined) == pytest.approx(loudness(source), abs=0.2)
        for cut in cuts:
            near = slice(int(cut) - MILLISECOND, int(cut) + MILLISECOND)
            assert signal_to_noise(source[near], joined[near]) > 15.0
    assert version.analysis.loudness_lufs == pytest.approx(loudness(source), abs=0.1)


async def test_all_rungs_are_cut_at_the_same_places(real: World) -> None:
    ada = await real.person()
    upload, _ = await brought(real, ada, encoded(tones(7.0)))
    await real.work_off()
    rendition = await rendition_of(real, upload, ada)
    for index, segment in enumerate(rendition.segments[:-1]):
        for variant in rendition.variants:
            init, *media = served(real, rendition, variant.name)
            assert abs(len(decoded(init + media[index])) / 44_100 - segment.duration_seconds) < 0.05


async def test_what_is_above_full_scale_is_lowered_as_a_whole(real: World) -> None:
    ada = await real.person()
    audio = tones(3.0, level=1.6)
    upload, _ = await brought(real, ada, encoded(audio, WAV_32F))
    await real.work_off()
    version = (await real.get(LibraryService).versions_by_id(ada, [upload.version_id]))[upload.version_id]
    master = decoded(real.blobs.objects[(version.asset(AssetKind.MASTER) or pytest.fail("no master")).key][0])
    assert signal_to_noise(audio / 1.6, master) > 80.0


async def test_a_refused_file_ends_its_job_with_the_reason_and_leaves_nothing(
    world: World, subtests: pytest.Subtests
) -> None:
    ada = await world.person()
    chosen = [hostile for hostile in corpus(1) if hostile.name.partition(":")[0] in ("playlist", "liar", "silent")]
    for hostile in chosen:
        with subtests.test(hostile.name):
            upload, job = await brought(world, ada, hostile.data)
            await world.work_off()
            failed = await world.get(JobFollowing).get(ada, job.id)
            assert (failed.status, failed.attempt) == (JobStatus.FAILED, 1)
            assert failed.problem is not None
            assert failed.problem.code == hostile.code
            with pytest.raises(NotFound):
                await world.get(PlaybackService).playback(ada, upload.track_id)
    for name in ("tracks", "versions", "renditions"):
        assert await world.documents(name) == []
    assert all(key.startswith("uploads/") for key in world.blobs.objects)


async def until_playable(world: World, caller: Caller, job_id: str) -> None:
    async with aclosing(world.get(JobFollowing).watch(caller, job_id)) as events:
        async for event in events:
            if event.data["is_playable"]:
                return


async def test_a_worker_that_dies_in_the_middle_leaves_no_half_track(real: World) -> None:
    # given a worker that has shown the first seconds and is then heard of no more
    ada = await real.person()
    upload, job = await brought(real, ada, encoded(np.tile(tones(10.0), (18, 1))))
    real.queue.messages.clear()
    lease = await real.get(JobRunning).claim(job.id, 1, "worker-1")
    assert lease is not None
    working = asyncio.create_task(real.get(UploadProcessing).process(lease))
    await until_playable(real, ada, job.id)
    real.clock.advance(21)
    assert await real.get(JobSweeping).sweep() >= 1
    # then nothing can be played, and no track is there
    with pytest.raises(NotFound):
        await real.get(PlaybackService).playback(ada, upload.track_id)
    assert await real.documents("tracks") == []
    # when another worker takes over, while the first wakes up late
    await real.work_off("worker-2")
    with pytest.raises(LeaseLost):
        await working
    # then there is one whole track, of the second attempt
    done = await real.get(JobFollowing).get(ada, job.id)
    assert (done.status, done.attempt) == (JobStatus.SUCCEEDED, 2)
    (version,) = await real.documents("versions")
    rendition = await rendition_of(real, upload, ada)
    assert rendition.duration_seconds == pytest.approx(180.0, abs=0.01)
    assert all(asset["key"].startswith(rendition.prefix) for asset in version["assets"])
    assert all(key.startswith(f"{rendition.prefix}/") for key in real.blobs.objects)


async def test_a_canceled_upload_leaves_nothing_that_plays(real: World) -> None:
    ada = await real.person()
    _, job = await brought(real, ada, encoded(np.tile(tones(10.0), (18, 1))))
    working = asyncio.create_task(real.work_one())
    await until_playable(real, ada, job.id)
    await real.get(JobFollowing).cancel(ada, job.id)
    await working
    assert (await real.get(JobFollowing).get(ada, job.id)).status is JobStatus.CANCELED
    for name in ("tracks", "versions", "renditions"):
        assert await real.documents(name) == []
    assert all(key.startswith("uploads/") for key in real.blobs.objects)


async def test_a_canceled_job_can_be_tried_again_as_long_as_the_file_is_there(world: World) -> None:
    ada = await world.person()
    upload, job = await brought(world, ada, encoded(tones(2.0)))
    await world.get(JobFollowing).cancel(ada, job.id)
    world.queue.messages.clear()
    await world.get(JobDriving).retry(ada, job.id)
    await world.work_off()
    assert (await world.get(LibraryService).track(ada, upload.track_id)).title == "rain"


async def test_a_file_that_is_gone_is_said_so(world: World) -> None:
    ada = await world.person()
    _, job = await brought(world, ada, encoded(tones(2.0)))
    await world.get(JobFollowing).cancel(ada, job.id)
    world.queue.messages.clear()
    world.clock.advance(25 * 3600)
    await world.get(UploadJanitor).sweep()
    # when its job is tried again after its day
    await world.get(JobDriving).retry(ada, job.id)
    await world.work_off()
    failed = await world.get(JobFollowing).get(ada, job.id)
    assert failed.problem is not None
    assert failed.problem.code == "UPLOAD_CLOSED"


async def test_a_file_that_was_exchanged_for_a_larger_one_is_not_fetched(world: World) -> None:
    ada = await world.person()
    upload, job = await brought(world, ada, encoded(tones(1.0)))
    world.blobs.objects[upload.key] = (encoded(tones(2.0)), "audio/wav")
    await world.work_off()
    failed = await world.get(JobFollowing).get(ada, job.id)
    assert failed.problem is not None
    assert failed.problem.code == "AUDIO_TOO_LARGE"


async def test_storage_that_is_away_is_waited_for(world: World) -> None:
    ada = await world.person()
    _, job = await brought(world, ada, encoded(tones(2.0)))
    world.blobs.is_down = True
    await world.work_one()
    assert (await world.get(JobFollowing).get(ada, job.id)).status is JobStatus.QUEUED
    world.blobs.is_down = False
    await world.work_off()
    assert (await world.get(JobFollowing).get(ada, job.id)).status is JobStatus.SUCCEEDED


async def test_a_model_that_is_away_is_waited_for_and_nothing_is_shown_without_notes(world: World) -> None:
    ada = await world.person()
    upload, job = await brought(world, ada, encoded(tones(2.0)))
    world.notes.is_down = True
    await world.work_one()
    # then the attempt has left nothing
    assert (await world.get(JobFollowing).get(ada, job.id)).status is JobStatus.QUEUED
    for name in ("tracks", "versions", "renditions", "transcriptions"):
        assert await world.documents(name) == []
    assert all(key.startswith("uploads/") for key in world.blobs.objects)
    # and the next one makes it all
    world.notes.is_down = False
    await world.work_off()
    assert (await world.get(JobFollowing).get(ada, job.id)).status is JobStatus.SUCCEEDED
    (transcription,) = await world.documents("transcriptions")
    assert (transcription["_id"], transcription["owner_id"]) == (upload.version_id, ada.require())


async def test_stored_files_are_taken_up_by_the_next_attempt(world: World) -> None:
    # given an attempt that stored everything and broke in its last transaction
    ada = await world.person()
    upload, job = await brought(world, ada, encoded(tones(2.0), tags=None))
    blocker = {"_id": upload.version_id, "track_id": "x", "origin": {"job_id": "x"}}
    await world.client[world.database]["versions"].insert_one(blocker)
    await world.work_one()
    assert (await world.get(JobFollowing).get(ada, job.id)).status is JobStatus.QUEUED
    before = dict(world.blobs.objects)
    await world.client[world.database]["versions"].delete_one({"_id": upload.version_id})
    # when the next one begins, and the file could not be read any more
    del world.blobs.objects[upload.key]
    await world.work_off()
    # then it has made nothing anew
    assert (await world.get(JobFollowing).get(ada, job.id)).status is JobStatus.SUCCEEDED
    assert set(world.blobs.objects) == set(before) - {upload.key}
    assert (await world.get(LibraryService).track(ada, upload.track_id)).artist == "Ada"


async def test_an_attempt_that_is_over_writes_nothing_of_the_file(world: World) -> None:
    ada = await world.person()
    upload, job = await brought(world, ada, encoded(tones(2.0), FLAC, tags={"title": "Late"}))
    lease = await world.get(JobRunning).claim(job.id, 1, "worker-1")
    assert lease is not None
    await world.get(JobRunning).hand_back(lease)
    with pytest.raises(LeaseLost):
        await world.get(UploadProcessing).process(lease)
    assert (await world.get(UploadLooking).get(ada, upload.id)).tags is None
