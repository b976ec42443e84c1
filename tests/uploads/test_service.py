"""Opening, sending, completing and aborting uploads, and what the janitor does with those that were left."""

import asyncio
from dataclasses import replace

import pytest

from domain.credits.errors import PlanLimitReached
from domain.idempotency.errors import IdempotencyConflict
from domain.jobs.services.follow import JobFollowing
from domain.kit.caller import ANONYMOUS, Caller, Credential, Scope
from domain.kit.errors import DependencyUnavailable, Forbidden, NotFound, Unauthenticated, ValidationFailed
from domain.uploads.errors import TooManyUploads, UploadClosed, UploadIncomplete
from domain.uploads.model import PART_BYTES, NewUpload, UploadStatus
from domain.uploads.services.complete import UploadCompletion
from domain.uploads.services.create import UploadCreation
from domain.uploads.services.janitor import UploadJanitor
from domain.uploads.services.look import UploadLooking
from tests.uploads.bringing import brought, opened, send
from tests.world import World

SMALL = b"RIFF" + bytes(1_000)
LARGE = bytes(range(256)) * (10 * PART_BYTES // 1024)  # two and a half parts
DAY, HOUR = 24 * 3600.0, 3600.0


async def test_a_small_file_comes_whole(world: World) -> None:
    ada = await world.person()
    upload = await opened(world, ada, SMALL)
    (missing,) = await world.get(UploadLooking).missing_parts(ada, upload)
    assert (missing.part.number, missing.part.offset_bytes, missing.part.size_bytes) == (1, 0, len(SMALL))
    # when it has been sent
    await send(world, ada, upload, SMALL)
    # then nothing is missing, and a job takes it up
    assert await world.get(UploadLooking).missing_parts(ada, upload) == []
    job = await world.get(UploadCompletion).complete(ada, upload.id, None, None)
    assert [message.job_id for message in world.queue.messages] == [job.id]
    assert (job.kind, job.price, job.owner_id) == ("process_upload", 0, ada.account_id)
    found = await world.get(UploadLooking).get(ada, upload.id)
    assert (found.status, found.job_id) == (UploadStatus.COMPLETED, job.id)


async def test_a_large_file_comes_in_parts_and_goes_on_where_it_broke_off(world: World) -> None:
    # given two of three parts, of which one was sent by a client that then lost its connection
    ada = await world.person()
    upload = await opened(world, ada, LARGE)
    assert await send(world, ada, upload, LARGE, only={1, 3}) == [1, 3]
    # when completing is tried, then it says what is missing
    with pytest.raises(UploadIncomplete) as refusal:
        await world.get(UploadCompletion).complete(ada, upload.id, None, None)
    assert refusal.value.missing == [2]
    assert await world.documents("jobs") == []
    # and when the client asks what is missing, then that alone is sent again
    assert await send(world, ada, upload, LARGE) == [2]
    await world.get(UploadCompletion).complete(ada, upload.id, None, None)
    assert world.blobs.objects[upload.key][0] == LARGE
    assert world.intake.gatherings == {}


async def test_parts_that_are_not_what_the_client_believes_are_named(world: World) -> None:
    ada = await world.person()
    upload = await opened(world, ada, LARGE)
    await send(world, ada, upload, LARGE)
    with pytest.raises(UploadIncomplete) as refusal:
        await world.get(UploadCompletion).complete(ada, upload.id, {1: '"0123"', 7: "x"}, None)
    assert refusal.value.missing == [1, 7]


async def test_completing_twice_is_one_job(world: World) -> None:
    ada = await world.person()
    upload = await opened(world, ada, SMALL)
    await send(world, ada, upload, SMALL)
    completion = world.get(UploadCompletion)
    jobs = await asyncio.gather(*(completion.complete(ada, upload.id, None, None) for _ in range(4)))
    again = await completion.complete(ada, upload.id, None, "Another title")
    assert len({job.id for job in [*jobs, again]}) == 1
    assert len(await world.documents("jobs")) == 1


async def test_a_crash_between_joining_and_the_job_is_gone_over(world: World) -> None:
    # given parts that were joined by a call that then died
    ada = await world.person()
    upload = await opened(world, ada, LARGE)
    await send(world, ada, upload, LARGE)
    assert upload.gathering is not None
    parts = await world.intake.parts(upload.key, upload.gathering)
    await world.intake.join_parts(upload.key, upload.gathering, parts)
    # when the client completes again, then the job is there
    job = await world.get(UploadCompletion).complete(ada, upload.id, None, None)
    assert (await world.get(JobFollowing).get(ada, job.id)).id == job.id


async def test_the_same_idempotency_key_is_one_upload(world: World) -> None:
    ada, bob = await world.person(), await world.person("Bob")
    first = await opened(world, ada, LARGE, key="once")
    second = await opened(world, ada, LARGE, key="once")
    others = await opened(world, bob, LARGE, key="once")
    assert (first.id, first.gathering) == (second.id, second.gathering)
    assert others.id != first.id
    with pytest.raises(IdempotencyConflict):
        await opened(world, ada, SMALL, key="once")
    assert len(world.intake.gatherings) == 2


async def test_the_same_key_at_the_same_moment_leaves_no_parts_behind(world: World) -> None:
    ada = await world.person()
    made = await asyncio.gather(*(opened(world, ada, LARGE, key="once") for _ in range(4)))
    assert len({upload.id for upload in made}) == 1
    assert len(world.intake.gatherings) == 1


@pytest.mark.parametrize(
    "changes, paths",
    [
        ({"file_name": ""}, ["fileName"]),
        ({"file_name": "a\nb"}, ["fileName"]),
        ({"size_bytes": 0}, ["sizeBytes"]),
        ({"size_bytes": -1}, ["sizeBytes"]),
        ({"size_bytes": 50_000_001}, ["sizeBytes"]),
        ({"content_type": "video/mp4"}, ["contentType"]),
        ({"content_type": "", "size_bytes": 0}, ["sizeBytes", "contentType"]),
        ({"idempotency_key": ""}, ["idempotencyKey"]),
    ],
)
async def test_what_cannot_be_brought_is_refused_with_all_that_is_wrong(
    world: World, changes: dict[str, object], paths: list[str]
) -> None:
    ada = await world.person()
    wish = replace(NewUpload("rain.wav", 100, "audio/wav"), **changes)  # type: ignore[arg-type]
    with pytest.raises(ValidationFailed) as refusal:
        await world.get(UploadCreation).create(ada, wish)
    assert [issue.path for issue in refusal.value.issues] == paths
    assert await world.documents("uploads") == []


async def test_a_media_type_may_have_parameters_and_capitals(world: World) -> None:
    ada = await world.person()
    made = await world.get(UploadCreation).create(ada, NewUpload("rain.ogg", 100, "Audio/OGG; codecs=opus"))
    assert made.status is UploadStatus.OPEN


async def test_only_so_many_uploads_are_under_way_at_once(world: World) -> None:
    ada = await world.person()
    uploads = [await opened(world, ada, SMALL) for _ in range(5)]
    with pytest.raises(TooManyUploads) as refusal:
        await opened(world, ada, SMALL)
    assert refusal.value.limit == 5
    # and one that is given up, or was left, makes room
    await world.get(UploadCompletion).abort(ada, uploads[0].id)
    await opened(world, ada, SMALL)
    world.clock.advance(DAY)
    await opened(world, ada, SMALL)


async def test_a_plan_may_allow_less_than_the_installation(world: World) -> None:
    ada, studio = await world.person(), await world.person("Grace", plan="studio")
    wish = NewUpload("rain.wav", 45_000_000, "audio/wav")
    with pytest.raises(PlanLimitReached) as refusal:
        await world.get(UploadCreation).create(ada, wish)
    assert (refusal.value.plan, refusal.value.field, refusal.value.limit) == ("Free", "sizeBytes", 40_000_000)
    assert await world.documents("uploads") == []
    assert (await world.get(UploadCreation).create(studio, wish)).status is UploadStatus.OPEN


async def test_an_upload_that_is_given_up_leaves_nothing_and_takes_nothing(world: World) -> None:
    ada = await world.person()
    small, large = await opened(world, ada, SMALL), await opened(world, ada, LARGE)
    for upload, data in ((small, SMALL), (large, LARGE)):
        await send(world, ada, upload, data)
        aborted = await world.get(UploadCompletion).abort(ada, upload.id)
        assert aborted.status is UploadStatus.ABORTED
        assert await world.get(UploadLooking).missing_parts(ada, aborted) == ()
        with pytest.raises(UploadClosed):
            await world.get(UploadCompletion).complete(ada, upload.id, None, None)
        # once more changes nothing
        assert (await world.get(UploadCompletion).abort(ada, upload.id)).status is UploadStatus.ABORTED
    assert (world.blobs.objects, world.intake.gatherings) == ({}, {})


async def test_what_is_complete_cannot_be_given_up(world: World) -> None:
    ada = await world.person()
    upload, _ = await brought(world, ada, SMALL)
    with pytest.raises(UploadClosed) as refusal:
        await world.get(UploadCompletion).abort(ada, upload.id)
    assert refusal.value.status is UploadStatus.COMPLETED
    assert upload.key in world.blobs.objects


async def test_somebody_elses_upload_is_not_there(world: World) -> None:
    ada, eve = await world.person(), await world.person("Eve")
    upload = await opened(world, ada, SMALL)
    before = await world.documents("uploads")
    for attempt in (
        world.get(UploadLooking).get(eve, upload.id),
        world.get(UploadCompletion).complete(eve, upload.id, None, None),
        world.get(UploadCompletion).abort(eve, upload.id),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await world.get(UploadLooking).by_id(eve, [upload.id]) == {}
    assert await world.documents("uploads") == before


async def test_bringing_needs_somebody_with_the_right_to(world: World) -> None:
    ada = await world.person()
    reader = Caller(ada.account_id, scopes=frozenset({Scope.LIBRARY}), credential=Credential.API_KEY)
    for caller, refusal in ((ANONYMOUS, Unauthenticated), (reader, Forbidden)):
        with pytest.raises(refusal):
            await opened(world, caller, SMALL)
    assert await world.documents("uploads") == []


async def test_storage_that_is_away_is_told_and_nothing_is_opened(world: World) -> None:
    ada = await world.person()
    world.blobs.is_down = True
    with pytest.raises(DependencyUnavailable):
        await opened(world, ada, LARGE)
    assert await world.documents("uploads") == []


async def test_an_upload_that_was_left_is_ended_after_a_day_and_forgotten_when_its_addresses_are_dead(
    world: World,
) -> None:
    ada = await world.person()
    upload = await opened(world, ada, LARGE)
    await send(world, ada, upload, LARGE, only={1})
    assert await world.get(UploadJanitor).sweep() == 0
    world.clock.advance(DAY)
    # when the janitor comes by, then it is closed and its parts are gone
    assert await world.get(UploadJanitor).sweep() == 1
    assert world.intake.gatherings == {}
    with pytest.raises(UploadClosed):
        await world.get(UploadCompletion).complete(ada, upload.id, None, None)
    # and an hour later there is no trace of it
    world.clock.advance(HOUR)
    assert await world.get(UploadJanitor).sweep() == 1
    assert await world.documents("uploads") == []


async def test_what_arrives_behind_an_abort_goes_as_well(world: World) -> None:
    # given an address that was used after its upload was given up
    ada = await world.person()
    upload = await opened(world, ada, SMALL)
    (missing,) = await world.get(UploadLooking).missing_parts(ada, upload)
    await world.get(UploadCompletion).abort(ada, upload.id)
    world.intake.bring(missing.url, SMALL)
    # when all addresses are dead
    world.clock.advance(DAY + HOUR)
    await world.get(UploadJanitor).sweep()
    assert world.blobs.objects == {}


async def test_the_source_stays_while_its_job_goes_on(world: World) -> None:
    ada = await world.person()
    upload, job = await brought(world, ada, SMALL)
    world.clock.advance(DAY + HOUR)
    assert await world.get(UploadJanitor).sweep() == 0
    assert upload.key in world.blobs.objects
    await world.get(JobFollowing).cancel(ada, job.id)
    assert await world.get(UploadJanitor).sweep() == 1
    assert world.blobs.objects == {}
    # and its record stays with its job
    assert (await world.get(UploadLooking).by_job(ada, [job.id]))[job.id].id == upload.id
    assert await world.get(UploadJanitor).sweep() == 0
