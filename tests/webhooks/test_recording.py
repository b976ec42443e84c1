"""A delivery is written when, and only when, its job ends; once for each endpoint that wants to know."""

import base64
import json
from dataclasses import replace

import pytest

from domain.jobs.errors import JobCanceled
from domain.jobs.model import JobProblem, JobStatus
from domain.jobs.services.drive_again import JobDriving
from domain.jobs.services.follow import JobFollowing
from domain.jobs.services.run import JobRunning
from domain.jobs.services.sweep import JobSweeping
from domain.kit.ids import is_id
from domain.kit.transactions import Session
from domain.webhooks.model import DeliveryStatus, WebhookEvent, delivery_id
from domain.webhooks.services.manage import EndpointChanges, WebhookEndpoints
from tests.webhooks.office import ALL, Office, no_effects, open_office
from tests.world import World


@pytest.fixture
async def office(world: World) -> Office:
    return await open_office(world)


async def test_a_song_that_succeeds_is_told_with_its_track(office: Office) -> None:
    # given an endpoint and a song
    endpoint = (await office.register()).endpoint
    job = await office.world.ask(office.caller)
    # when the song is made
    await office.world.work_off()
    # then one delivery tells of it by the ids that the API uses
    (delivery,) = await office.deliveries(endpoint.id)
    done = await office.world.get(JobFollowing).get(office.caller, job.id)
    assert done.finished_at is not None
    finished = done.finished_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    (track,) = await office.world.documents("tracks")
    assert json.loads(delivery.body) == {
        "type": "job.succeeded",
        "timestamp": finished,
        "data": {
            "job": {
                "id": base64.b64encode(f"GenerationJob:{job.id}".encode()).decode(),
                "kind": "generate_track",
                "status": "SUCCEEDED",
                "stage": "DONE",
                "problem": None,
                "attempt": 1,
                "finishedAt": finished,
                "creditsCharged": 3,
                "trackId": base64.b64encode(f"Track:{track['_id']}".encode()).decode(),
            }
        },
    }
    assert (delivery.status, delivery.attempts, delivery.job_id) == (DeliveryStatus.PENDING, 0, job.id)
    assert delivery.id == delivery_id(endpoint.id, done, WebhookEvent.JOB_SUCCEEDED)
    assert is_id(delivery.id)


async def test_every_way_to_end_is_told_by_its_own_type(office: Office) -> None:
    endpoint = (await office.register()).endpoint
    # one canceled in line, one that failed, one that nobody took in time
    await office.world.get(JobFollowing).cancel(office.caller, (await office.world.ask(office.caller)).id)
    failing = await office.world.ask(office.caller)
    lease = await office.world.get(JobRunning).claim(failing.id, 1, "worker-1")
    assert lease is not None
    await office.world.get(JobRunning).refuse(lease, JobProblem("TOO_SAD", "This is too sad."))
    await office.world.ask(office.caller)
    office.world.clock.advance(3601)
    await office.world.get(JobSweeping).sweep()
    told = {item.type: json.loads(item.body)["data"]["job"] for item in await office.deliveries(endpoint.id)}
    assert sorted(told) == ["job.canceled", "job.expired", "job.failed"]
    assert told["job.failed"]["problem"] == {"code": "TOO_SAD", "message": "This is too sad."}
    assert told["job.failed"]["creditsCharged"] == 0
    assert ["trackId" in job for job in told.values()] == [False] * 3


async def test_only_endpoints_of_the_owner_that_want_to_know_are_told(office: Office) -> None:
    wanted = (await office.register()).endpoint
    deaf = (await office.register(events=(WebhookEvent.JOB_FAILED,))).endpoint
    other = await open_office(office.world)
    foreign = (await other.register()).endpoint
    await office.end_job()
    assert len(await office.deliveries(wanted.id)) == 1
    assert await office.deliveries(deaf.id) == []
    assert await other.deliveries(foreign.id) == []


async def test_without_endpoints_nothing_is_written(office: Office) -> None:
    await office.end_job()
    assert await office.world.documents("webhook_deliveries") == []
    assert "webhooks" not in office.world.events.feeds


async def test_a_transaction_that_is_rolled_back_tells_nothing(office: Office) -> None:
    # given a job whose last transaction fails after the job was ended in it
    await office.register()
    job = await office.world.ask(office.caller)
    running = office.world.get(JobRunning)
    lease = await running.claim(job.id, 1, "worker-1")
    assert lease is not None

    async def crash(session: Session) -> None:
        raise RuntimeError("crash")

    with pytest.raises(RuntimeError, match="crash"):
        await running.succeed(lease, crash)
    await office.world.get(JobFollowing).cancel(office.caller, job.id)
    with pytest.raises(JobCanceled):
        await running.succeed(lease, no_effects)
    # then nobody is told, and nobody was called
    assert await office.world.documents("webhook_deliveries") == []
    assert await office.deliver() == 0
    # until it really ends
    await running.cancel(lease)
    assert [item["type"] for item in await office.world.documents("webhook_deliveries")] == ["job.canceled"]


async def test_the_same_end_of_the_same_job_has_one_id_for_each_endpoint(office: Office) -> None:
    job = await office.end_job()
    event = WebhookEvent.JOB_SUCCEEDED
    first = delivery_id("one", job, event)
    assert delivery_id("one", replace(job, revision=99), event) == first
    others = {
        delivery_id("two", job, event),
        delivery_id("one", replace(job, attempt=2), event),
        delivery_id("one", job, WebhookEvent.JOB_FAILED),
    }
    assert len(others | {first}) == 4
    with pytest.raises(ValueError, match="has not ended"):
        delivery_id("one", replace(job, finished_at=None), event)


async def test_a_job_that_gets_a_new_run_is_told_again(office: Office) -> None:
    endpoint = (await office.register()).endpoint
    job = await office.world.ask(office.caller)
    for _ in range(2):
        await office.world.get(JobFollowing).cancel(office.caller, job.id)
        await office.world.get(JobDriving).retry(office.caller, job.id)
    deliveries = await office.deliveries(endpoint.id)
    assert [json.loads(item.body)["data"]["job"]["attempt"] for item in deliveries] == [2, 1]
    assert len({item.message_id for item in deliveries}) == 2


async def test_an_endpoint_that_is_disabled_misses_it_and_it_is_kept(office: Office) -> None:
    endpoint = (await office.register()).endpoint
    await office.world.get(WebhookEndpoints).update(office.caller, endpoint.id, EndpointChanges(is_enabled=False))
    await office.end_job()
    (missed,) = await office.deliveries(endpoint.id)
    assert (missed.status, missed.attempts, missed.next_attempt_at) == (DeliveryStatus.FAILED, 0, None)
    assert await office.deliver() == 0


async def test_there_is_an_event_for_every_final_status_and_no_other() -> None:
    assert {WebhookEvent.of(status) for status in JobStatus if status.is_final} == set(ALL)
    for status in (JobStatus.QUEUED, JobStatus.RUNNING):
        with pytest.raises(KeyError):
            WebhookEvent.of(status)
