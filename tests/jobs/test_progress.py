"""Watching a job over graphql-transport-ws."""

import asyncio
import itertools
from typing import Any

import pytest
from strawberry.relay.utils import to_base64

from domain.jobs.model import Job
from domain.kit.ids import new_id
from domain.playback.services import publish
from graphql_api.jobs.queries import JOB_TYPES
from tests.graphql.client import Json
from tests.graphql.harness import Api, Person

KINDS = " or ".join(JOB_TYPES)

PROGRESS = """
subscription($id: ID!, $after: ID) { jobProgress(jobId: $id, afterEventId: $after) {
  eventId status stage progress etaSeconds isPlayable attempt problem { code message }
} }
"""
WITH_JOB = """
subscription($id: ID!) { jobProgress(jobId: $id) {
  status job { status ... on GenerationJob { title brief { genre } track { title } } }
} }
"""
CANCEL = "mutation($id: ID!) { cancelJob(input: {jobId: $id}) { __typename } }"
STAGES = ["WAITING", "UNDERSTANDING", "COMPOSING", "SYNTHESIZING", "MASTERING", "RENDERING", "FINALIZING", "DONE"]


def variables(job: Job, after: str | None = None) -> dict[str, str | None]:
    return {"id": to_base64("GenerationJob", job.id), "after": after}


async def watch(person: Person, job: Job, after: str | None = None) -> list[Json]:
    """All events until the server completes the subscription."""
    async with person.client.socket() as socket:
        return [payload["data"]["jobProgress"] async for payload in socket.follow(PROGRESS, variables(job, after))]


def ids(events: list[Json]) -> list[int]:
    return [int(event["eventId"]) for event in events]


async def test_a_watcher_sees_the_state_now_then_every_change_then_the_end(api: Api) -> None:
    ada = await api.person()
    job = await api.world.ask(ada.caller)
    # given somebody who watches a queued job
    watching = asyncio.create_task(watch(ada, job))
    await asyncio.sleep(0.1)
    # when a worker makes the song
    await api.world.work_off()
    # then the first event is the state at the beginning
    events = await watching
    assert events[0] == {
        "eventId": "1",
        "status": "QUEUED",
        "stage": "WAITING",
        "progress": 0.0,
        "etaSeconds": 2.7,
        "isPlayable": False,
        "attempt": 1,
        "problem": None,
    }
    # and no change is missing or told twice
    assert ids(events) == list(range(1, len(events) + 1))
    assert [stage for stage, _ in itertools.groupby(event["stage"] for event in events)] == STAGES
    assert [event["progress"] for event in events] == sorted(event["progress"] for event in events)
    assert [playable for playable, _ in itertools.groupby(event["isPlayable"] for event in events)] == [False, True]
    # and the last one is the end
    assert events[-1] == {
        "eventId": str(len(events)),
        "status": "SUCCEEDED",
        "stage": "DONE",
        "progress": 1.0,
        "etaSeconds": None,
        "isPlayable": True,
        "attempt": 1,
        "problem": None,
    }


async def test_a_finished_job_is_told_once(api: Api) -> None:
    ada = await api.person()
    job = await api.world.ask(ada.caller)
    await api.world.work_off()
    (event,) = await watch(ada, job)
    assert (event["status"], event["progress"]) == ("SUCCEEDED", 1.0)


async def test_a_watcher_who_comes_back_gets_what_was_missed(api: Api) -> None:
    ada = await api.person()
    job = await api.world.ask(ada.caller)
    await api.world.work_off()
    (last,) = ids(await watch(ada, job))
    for seen in (1, 5, last - 1):
        assert ids(await watch(ada, job, str(seen))) == list(range(seen + 1, last + 1))
    # who has seen the end gets nothing more
    assert await watch(ada, job, str(last)) == []
    # and an id from the future says nothing about what was seen
    assert ids(await watch(ada, job, str(last + 1))) == [last]
    # and when the bus has forgotten, the state now stands for all that is missing
    api.world.events.wipe()
    assert ids(await watch(ada, job, "5")) == [last]


async def test_a_watcher_may_come_and_go_all_the_time(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a song of which every second is told
    monkeypatch.setattr(publish, "LINGER_SHARE", 0.0)
    ada = await api.person()
    job = await api.world.ask(ada.caller, duration_seconds=20.0)
    api.world.engine.seconds_per_chunk = 0.03
    # and a bad network: the connection breaks after every second event
    seen: list[int] = []
    status = "QUEUED"
    working: asyncio.Task[int] | None = None
    while status != "SUCCEEDED":
        async with ada.client.socket() as socket:
            await socket.subscribe(PROGRESS, variables(job, str(seen[-1]) if seen else None))
            for _ in range(2):
                message = await socket.receive()
                if message["type"] == "complete":
                    break
                event = message["payload"]["data"]["jobProgress"]
                seen.append(int(event["eventId"]))
                status = event["status"]
                working = working or asyncio.create_task(api.world.work_off())
    assert working is not None
    await working
    # then all pieces together are the whole story
    assert seen == list(range(1, len(seen) + 1))
    assert len(seen) > 15


@pytest.mark.parametrize("is_down", [False, True], ids=["wiped", "down"])
async def test_the_end_is_told_without_the_event_bus(api: Api, is_down: bool) -> None:
    # given somebody who watches a song being made
    ada = await api.person()
    job = await api.world.ask(ada.caller, duration_seconds=10.0)
    api.world.engine.seconds_per_chunk = 0.1
    watching = asyncio.create_task(watch(ada, job))
    working = asyncio.create_task(api.world.work_off())
    await asyncio.sleep(0.3)
    # when the bus forgets everything, or dies, and nothing comes from it any more
    api.world.events.wipe()
    api.world.events.is_down = is_down
    await working
    api.world.events.wipe()
    # then the record is asked instead
    async with asyncio.timeout(6):
        events = await watching
    assert (events[-1]["status"], events[-1]["progress"]) == ("SUCCEEDED", 1.0)
    assert ids(events) == sorted(set(ids(events)))


async def test_a_watcher_can_begin_while_the_event_bus_is_down(api: Api) -> None:
    ada = await api.person()
    job = await api.world.ask(ada.caller)
    api.world.events.is_down = True
    watching = asyncio.create_task(watch(ada, job, "1"))
    await api.world.work_off()
    async with asyncio.timeout(6):
        assert (await watching)[-1]["status"] == "SUCCEEDED"


async def test_two_watchers_see_the_same(api: Api) -> None:
    ada = await api.person()
    job = await api.world.ask(ada.caller)
    watching = asyncio.gather(watch(ada, job), watch(ada, job))
    await asyncio.sleep(0.1)
    await api.world.work_off()
    first, second = await watching
    assert first == second
    assert ids(first) == list(range(1, len(first) + 1))


async def test_two_subscriptions_share_a_connection(api: Api) -> None:
    ada = await api.person()
    jobs = [await api.world.ask(ada.caller) for _ in range(2)]
    await api.world.work_off()
    async with ada.client.socket() as socket:
        for job in jobs:
            await socket.subscribe(PROGRESS, variables(job), operation=job.id)
        messages = [await socket.receive() for _ in range(4)]
    for job in jobs:
        assert [message["type"] for message in messages if message["id"] == job.id] == ["next", "complete"]


async def test_a_watcher_sees_the_cancelation(api: Api) -> None:
    # given a song that is being written out while its owner watches
    ada = await api.person()
    job = await api.world.ask(ada.caller, duration_seconds=60.0)
    api.world.engine.seconds_per_chunk = 0.2
    watching = asyncio.create_task(watch(ada, job))
    working = asyncio.create_task(api.world.work_off())
    await asyncio.sleep(0.5)
    # when the owner cancels
    assert await ada.client.data(CANCEL, id=to_base64("GenerationJob", job.id)) == {
        "cancelJob": {"__typename": "CancelJobSuccess"}
    }
    # then that is the end of it
    async with asyncio.timeout(3):
        events = await watching
    await working
    assert (events[-1]["status"], events[-1]["isPlayable"]) == ("CANCELED", False)
    assert events[-1]["problem"] == {"code": "CANCELED", "message": "You canceled this job."}


async def test_a_watcher_sees_another_attempt_begin(api: Api) -> None:
    ada = await api.person()
    job = await api.world.ask(ada.caller)
    api.world.engine.fail_at_chunk = 2
    watching = asyncio.create_task(watch(ada, job))
    await asyncio.sleep(0.1)
    await api.world.work_one()
    api.world.engine.fail_at_chunk = None
    await api.world.work_off()
    events = await watching
    assert ids(events) == list(range(1, len(events) + 1))
    assert [
        (attempt, status) for (attempt, status), _ in itertools.groupby((e["attempt"], e["status"]) for e in events)
    ] == [(1, "QUEUED"), (1, "RUNNING"), (2, "QUEUED"), (2, "RUNNING"), (2, "SUCCEEDED")]
    # and what waits for its second attempt can neither be played nor says how long it takes
    waiting = next(event for event in events if (event["attempt"], event["status"]) == (2, "QUEUED"))
    assert (waiting["isPlayable"], waiting["progress"], waiting["etaSeconds"]) == (False, 0.0, None)


async def test_the_job_in_an_event_is_never_old(api: Api) -> None:
    ada = await api.person()
    job = await api.world.ask(ada.caller, title="Evening")
    async with ada.client.socket() as socket:
        await socket.subscribe(WITH_JOB, {"id": to_base64("GenerationJob", job.id)})
        first = (await socket.receive())["payload"]["data"]["jobProgress"]
        assert first == {"status": "QUEUED", "job": {"status": "QUEUED", "title": None, "brief": None, "track": None}}
        await api.world.work_off()
        last = first
        while (message := await socket.receive())["type"] == "next":
            last = message["payload"]["data"]["jobProgress"]
    assert last["job"]["brief"]["genre"]
    last["job"].pop("brief")
    assert last == {
        "status": "SUCCEEDED",
        "job": {"status": "SUCCEEDED", "title": "Evening", "track": {"title": "Evening"}},
    }


async def test_a_watcher_who_leaves_hears_nothing_more(api: Api) -> None:
    ada = await api.person()
    job = await api.world.ask(ada.caller)
    async with ada.client.socket() as socket:
        await socket.subscribe(PROGRESS, variables(job))
        assert (await socket.receive())["type"] == "next"
        await socket.send(type="complete", id="1")
        await api.world.work_off()
        await socket.send(type="ping")
        assert await socket.receive() == {"type": "pong"}
        # and the operation's id is free again
        await socket.subscribe(PROGRESS, variables(job))
        assert (await socket.receive())["payload"]["data"]["jobProgress"]["status"] == "SUCCEEDED"


async def test_what_cannot_be_watched_is_told_in_one_error(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    job = await api.world.ask(ada.caller)
    unknown, sign_in = new_id(), "Sign in first, then send the access token as 'Authorization: Bearer …'."
    cases: list[tuple[Any, dict[str, str | None], dict[str, str]]] = [
        (ada, {"id": "garbage"}, {"jobId": f"'garbage' is not the id of a {KINDS}."}),
        (ada, {"id": to_base64("Track", unknown)}, {"jobId": _not_a_job(to_base64("Track", unknown))}),
        (ada, variables(job, "latest"), {"afterEventId": "'latest' is not the id of an event of this job."}),
        (ada, variables(job, "-1"), {"afterEventId": "'-1' is not the id of an event of this job."}),
        (ada, variables(job, "9" * 16), {"afterEventId": f"'{'9' * 16}' is not the id of an event of this job."}),
        (bob, variables(job), {"NOT_FOUND": f"There is no job with the id {job.id!r}."}),
        (bob, {"id": to_base64("GenerationJob", unknown)}, {"NOT_FOUND": f"There is no job with the id {unknown!r}."}),
        (None, variables(job), {"UNAUTHENTICATED": sign_in}),
    ]
    for person, wrong, expected in cases:
        client = api.anonymous if person is None else person.client
        async with client.socket() as socket:
            payloads = [payload async for payload in socket.follow(PROGRESS, wrong)]
        ((name, message),) = expected.items()
        (error,) = payloads[0]["errors"]
        assert (len(payloads), payloads[0]["data"], error["message"]) == (1, None, message)
        if name.isupper():
            assert error["extensions"]["code"] == name
        else:
            assert error["extensions"]["code"] == "VALIDATION_FAILED"
            assert error["extensions"]["issues"] == [{"path": name, "message": message}]


def _not_a_job(wrong: str) -> str:
    return f"{wrong!r} is not the id of a {KINDS}."
