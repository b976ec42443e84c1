"""Retrying, dead letters, prices and all of one's jobs, through the public API."""

from typing import Any

import pytest
from strawberry.relay.utils import to_base64

from domain.accounts.model import Role
from domain.accounts.service import AccountService
from domain.jobs.model import Job
from tests.graphql.client import Json
from tests.graphql.harness import Api, Person

RETRY = """
mutation($id: ID!, $key: String) { retryJob(input: {jobId: $id, idempotencyKey: $key}) {
  __typename
  ... on RetryJobSuccess { job { id status attempt creditsHeld creditsCharged } }
  ... on Problem { code message }
  ... on JobNotRetryable { status }
  ... on InsufficientCredits { requiredCredits availableCredits }
} }
"""
REDRIVE = """
mutation($id: ID!) { redriveJob(input: {jobId: $id}) {
  __typename ... on RedriveJobSuccess { jobId } ... on Problem { code message }
} }
"""
DEAD = """
{ deadJobs { edges { node { jobId kind ownerId attempt code detail createdAt diedAt } } pageInfo { hasNextPage } } }
"""
MY_JOBS = """
subscription($after: ID) { myJobs(afterEventId: $after) {
  eventId jobId status progress queuePosition job { ... on GenerationJob { prompt } }
} }
"""
QUOTE = """
query($input: GenerateTrackInput!) { quoteGeneration(input: $input) {
  credits availableCredits isAffordable waitSeconds expectedSeconds
} }
"""
GENERATE = """
mutation($input: GenerateTrackInput!) { generateTrack(input: $input) {
  __typename
  ... on GenerateTrackSuccess { job { id } jobs { id queue creditsHeld creditsCharged seed } }
  ... on Problem { code message }
  ... on PlanLimit { plan field limit }
  ... on TooManyJobs { maxWaitingJobs waitingJobs }
  ... on InsufficientCredits { requiredCredits availableCredits }
} }
"""
WISH: Json = {"prompt": "calm piano", "durationSeconds": 6, "seed": 1}
WRONG_IDS = ["garbage", to_base64("Track", "01J00000000000000000000000"), to_base64("GenerationJob", "nothing")]


def global_id(job: Job) -> str:
    return to_base64("GenerationJob", job.id)


async def failed(api: Api, person: Person) -> Job:
    """A job that was given up for good."""
    job = await api.world.ask(person.caller)
    api.world.engine.is_down = True
    await api.world.work_off()
    api.world.engine.is_down = False
    return job


async def admin(api: Api) -> Person:
    person = await api.person("Root")
    await api.world.get(AccountService).set_role(person.email, Role.ADMIN)
    return person


async def test_a_failed_job_is_tried_again(api: Api) -> None:
    ada = await api.person()
    job = await failed(api, ada)
    answer = (await ada.client.data(RETRY, id=global_id(job), key="again"))["retryJob"]
    expected = {"id": global_id(job), "status": "QUEUED", "attempt": 5, "creditsHeld": 3, "creditsCharged": 0}
    assert answer == {"__typename": "RetryJobSuccess", "job": expected}
    # and the same call again changes nothing
    before = await api.contents()
    again = (await ada.client.data(RETRY, id=global_id(job), key="again"))["retryJob"]
    assert again["__typename"] == "RetryJobSuccess"
    assert await api.contents() == before
    # but another one is told that it waits already
    refused = (await ada.client.data(RETRY, id=global_id(job), key=None))["retryJob"]
    assert refused == {
        "__typename": "JobNotRetryable",
        "code": "JOB_NOT_RETRYABLE",
        "message": "This job is still going on: it is queued.",
        "status": "QUEUED",
    }
    assert await api.contents() == before


async def test_a_song_that_succeeded_is_not_tried_again(api: Api) -> None:
    ada = await api.person()
    job = await api.world.ask(ada.caller)
    await api.world.work_off()
    refused = (await ada.client.data(RETRY, id=global_id(job), key=None))["retryJob"]
    assert (refused["status"], refused["message"]) == (
        "SUCCEEDED",
        "This job succeeded, so there is nothing to try again.",
    )


@pytest.mark.parametrize("id", WRONG_IDS)
@pytest.mark.parametrize(("mutation", "field"), [(RETRY, "retryJob"), (REDRIVE, "redriveJob")])
async def test_an_id_that_is_none_is_named(api: Api, id: str, mutation: str, field: str) -> None:
    root = await admin(api)
    answer = (await root.client.data(mutation, id=id))[field]
    assert (answer["__typename"], answer["code"]) == ("ValidationFailed", "VALIDATION_FAILED")


async def test_other_peoples_jobs_are_not_found(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    job = await failed(api, ada)
    before = await api.contents()
    answer = (await bob.client.data(RETRY, id=global_id(job), key=None))["retryJob"]
    assert answer["__typename"] == "NotFound"
    assert (await api.anonymous.data(RETRY, id=global_id(job), key=None))["retryJob"]["code"] == "UNAUTHENTICATED"
    assert await api.contents() == before


async def test_dead_letters_are_for_administrators(api: Api) -> None:
    ada, root = await api.person(), await admin(api)
    job = await failed(api, ada)
    # given a dead letter, then an administrator sees why and drives it again
    (edge,) = (await root.client.data(DEAD))["deadJobs"]["edges"]
    dead = edge["node"]
    assert (dead["jobId"], dead["kind"], dead["ownerId"], dead["attempt"], dead["code"]) == (
        global_id(job),
        "generate_track",
        to_base64("Account", ada.caller.require()),
        4,
        "DEPENDENCY_UNAVAILABLE",
    )
    # but nobody else
    before = await api.contents()
    assert (await ada.client.error(DEAD))["code"] == "FORBIDDEN"
    assert (await ada.client.data(REDRIVE, id=global_id(job)))["redriveJob"] == {
        "__typename": "Forbidden",
        "code": "FORBIDDEN",
        "message": "Only an administrator may do this.",
    }
    assert (await api.anonymous.data(REDRIVE, id=global_id(job)))["redriveJob"]["code"] == "UNAUTHENTICATED"
    assert await api.contents() == before
    assert (await root.client.data(REDRIVE, id=dead["jobId"]))["redriveJob"] == {
        "__typename": "RedriveJobSuccess",
        "jobId": global_id(job),
    }
    assert (await root.client.data(DEAD))["deadJobs"]["edges"] == []
    await api.world.work_off()
    assert [record["status"] for record in await api.world.documents("jobs")] == ["SUCCEEDED"]


async def test_a_quote_tells_the_price_and_charges_nothing(api: Api) -> None:
    ada = await api.person()
    before = await api.contents()
    quote = (await ada.client.data(QUOTE, input={**WISH, "durationSeconds": 30}))["quoteGeneration"]
    assert quote == {
        "credits": 5,
        "availableCredits": 500,
        "isAffordable": True,
        "waitSeconds": 0.0,
        "expectedSeconds": 5.6,
    }
    after = await api.contents()
    assert (after["jobs"], after["generations"]) == (before["jobs"], before["generations"])
    assert (await ada.client.error(QUOTE, input={**WISH, "durationSeconds": 0}))["code"] == "VALIDATION_FAILED"
    assert (await ada.client.error(QUOTE, input={**WISH, "durationSeconds": 400}))["code"] == "PLAN_LIMIT"
    assert (await api.anonymous.error(QUOTE, input=WISH))["code"] == "UNAUTHENTICATED"


async def test_variations_come_as_jobs_of_their_own(api: Api) -> None:
    ada = await api.person(plan="studio")
    answer = (await ada.client.data(GENERATE, input={**WISH, "variationCount": 3}))["generateTrack"]
    assert answer["job"]["id"] == answer["jobs"][0]["id"]
    assert [{name: job[name] for name in ("queue", "creditsHeld", "seed")} for job in answer["jobs"]] == [
        {"queue": "INTERACTIVE", "creditsHeld": 3, "seed": seed} for seed in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (
            {"durationSeconds": 301},
            {"__typename": "PlanLimit", "plan": "Free", "field": "durationSeconds", "limit": 300.0},
        ),
        ({"variationCount": 2}, {"__typename": "PlanLimit", "plan": "Free", "field": "variationCount", "limit": 1.0}),
        ({"variationCount": 9}, {"__typename": "ValidationFailed"}),
    ],
)
async def test_what_the_plan_does_not_include_is_refused(api: Api, fields: Json, problem: dict[str, Any]) -> None:
    ada = await api.person()
    answer = (await ada.client.data(GENERATE, input={**WISH, **fields}))["generateTrack"]
    assert {name: answer[name] for name in problem} == problem
    assert await api.world.documents("jobs") == []


async def test_too_many_waiting_jobs_are_refused(api: Api) -> None:
    ada = await api.person()
    for _ in range(10):
        await api.world.ask(ada.caller)
    answer = (await ada.client.data(GENERATE, input=WISH))["generateTrack"]
    assert (answer["__typename"], answer["maxWaitingJobs"], answer["waitingJobs"]) == ("TooManyJobs", 10, 10)
    assert len(await api.world.documents("jobs")) == 10


async def test_without_enough_credits_the_missing_ones_are_told(api: Api) -> None:
    ada = await api.person()
    await api.world.ask(ada.caller)
    await api.world.client[api.world.database]["credit_wallets"].update_many({}, {"$set": {"plan_credits": 2}})
    answer = (await ada.client.data(GENERATE, input=WISH))["generateTrack"]
    assert (answer["__typename"], answer["requiredCredits"], answer["availableCredits"]) == (
        "InsufficientCredits",
        3,
        2,
    )
    assert len(await api.world.documents("jobs")) == 1


async def test_all_jobs_are_watched_in_one_subscription(api: Api) -> None:
    # given somebody with a waiting job
    ada = await api.person()
    first = await api.world.ask(ada.caller, prompt="first")
    events: list[Json] = []
    async with ada.client.socket() as socket:
        await socket.subscribe(MY_JOBS, {"after": None})
        event = (await socket.receive())["payload"]["data"]["myJobs"]
        assert (event["jobId"], event["status"], event["queuePosition"]) == (global_id(first), "QUEUED", 0)
        assert event["job"] == {"prompt": "first"}
        # when another one comes, then it is told
        second = await api.world.ask(ada.caller, prompt="second")
        event = (await socket.receive())["payload"]["data"]["myJobs"]
        assert (event["jobId"], event["job"]) == (global_id(second), {"prompt": "second"})
    # when both are made while the watcher is away
    await api.world.work_off()
    async with ada.client.socket() as socket:
        await socket.subscribe(MY_JOBS, {"after": event["eventId"]})
        while sum(event["status"] == "SUCCEEDED" for event in events) < 2:
            events.append((await socket.receive())["payload"]["data"]["myJobs"])
    # then everything that happened is told, and nothing of it again
    assert {event["jobId"] for event in events} == {global_id(first), global_id(second)}
    assert all(event["status"] != "QUEUED" for event in events)
    async with ada.client.socket() as socket:
        await socket.subscribe(MY_JOBS, {"after": events[-1]["eventId"]})
        third = await api.world.ask(ada.caller)
        event = (await socket.receive())["payload"]["data"]["myJobs"]
        assert event["jobId"] == global_id(third)


@pytest.mark.parametrize("after", ["", "nonsense", "1", "99999999999999999-0", "1-0~x.1", "1-0~"])
async def test_an_event_id_that_is_none_is_named(api: Api, after: str) -> None:
    ada = await api.person()
    async with ada.client.socket() as socket:
        await socket.subscribe(MY_JOBS, {"after": after})
        message = await socket.receive()
        (error,) = message["payload"]["errors"]
        assert error["extensions"]["code"] == "VALIDATION_FAILED"


async def test_nobody_has_no_jobs_to_watch(api: Api) -> None:
    async with api.anonymous.socket() as socket:
        await socket.subscribe(MY_JOBS, {"after": None})
        (error,) = (await socket.receive())["payload"]["errors"]
        assert error["extensions"]["code"] == "UNAUTHENTICATED"
