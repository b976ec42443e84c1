"""Jobs through the public API: one, many, canceling."""

from typing import Any

import pytest
from strawberry.relay.utils import to_base64

from domain.jobs.model import JobProblem, JobStatus
from domain.jobs.services.end import JobEnding
from domain.jobs.services.run import JobRunning
from domain.jobs.services.sweep import JobSweeping
from domain.kit.ids import new_id
from graphql_api.jobs.queries import JOB_TYPES
from tests.graphql.harness import Api, Person

KINDS = " or ".join(JOB_TYPES)

JOB = """
query($id: ID!) { job(id: $id) {
  id status stage progress etaSeconds isPlayable attempt queuePosition
  problem { code message } stageTimes { stage seconds }
} }
"""
JOBS = """
query($first: Int! = 20, $after: String) {
  jobs(first: $first, after: $after) {
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
CANCEL = """
mutation($id: ID!) {
  cancelJob(input: {jobId: $id}) {
    __typename
    ... on CancelJobSuccess { job { id status problem { code message } } }
    ... on Problem { code message }
    ... on ValidationFailed { issues { path message } }
    ... on JobAlreadyFinished { status }
  }
}
"""
UNKNOWN = "01J00000000000000000000000"
WRONG_IDS = [
    "garbage",
    "",
    "💥",
    to_base64("GenerationJob", "1"),
    to_base64("Track", UNKNOWN),
    to_base64("Job", UNKNOWN),
]


def global_id(job_id: str) -> str:
    return to_base64("GenerationJob", job_id)


def not_a_job(path: str, wrong: str) -> dict[str, Any]:
    message = f"{wrong!r} is not the id of a {KINDS}."
    return {"code": "VALIDATION_FAILED", "message": message, "issues": [{"path": path, "message": message}]}


async def cancel(person: Person, job_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await person.client.data(CANCEL, id=job_id))["cancelJob"]
    return found


async def test_a_finished_job_tells_where_its_time_went(api: Api) -> None:
    ada = await api.person()
    job = await api.world.ask(ada.caller)
    await api.world.work_off()
    found = (await ada.client.data(JOB, id=global_id(job.id)))["job"]
    times = found.pop("stageTimes")
    assert found == {
        "id": global_id(job.id),
        "status": "SUCCEEDED",
        "stage": "DONE",
        "progress": 1.0,
        "etaSeconds": None,
        "isPlayable": True,
        "attempt": 1,
        "queuePosition": None,
        "problem": None,
    }
    stages = ["WAITING", "UNDERSTANDING", "COMPOSING", "SYNTHESIZING", "MASTERING", "RENDERING", "FINALIZING", "DONE"]
    assert [entry["stage"] for entry in times] == stages
    assert all(0 <= entry["seconds"] < 60 for entry in times)


async def test_a_failed_job_tells_why(api: Api) -> None:
    ada = await api.person()
    api.world.engine.is_down = True
    job = await api.world.ask(ada.caller)
    await api.world.work_off()
    found = (await ada.client.data(JOB, id=global_id(job.id)))["job"]
    assert (found["status"], found["attempt"], found["isPlayable"]) == ("FAILED", 4, False)
    assert found["problem"] == {
        "code": "DEPENDENCY_UNAVAILABLE",
        "message": "Triton cannot be reached right now. Nothing is lost; try again in a moment.",
    }


async def test_somebody_elses_job_does_not_exist(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    job = await api.world.ask(ada.caller)
    assert await bob.client.data(JOB, id=global_id(job.id)) == {"job": None}
    assert await bob.client.data(JOB, id=global_id(new_id())) == {"job": None}
    assert await bob.client.data(JOBS) == {
        "jobs": {
            "edges": [],
            "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
        }
    }


async def test_an_id_that_is_no_jobs_is_refused(api: Api, subtests: pytest.Subtests) -> None:
    ada = await api.person()
    for wrong in WRONG_IDS:
        with subtests.test(wrong):
            assert await ada.client.error(JOB, id=wrong) == not_a_job("id", wrong)
            assert await cancel(ada, wrong) == {"__typename": "ValidationFailed", **not_a_job("jobId", wrong)}


async def test_jobs_page_stably_while_new_ones_come(api: Api) -> None:
    # given 25 jobs of Ada and one of Bob between each two
    ada, bob = await api.person(plan="studio"), await api.person("Bob", plan="studio")
    ids = []
    for _ in range(25):
        ids.append((await api.world.ask(ada.caller)).id)
        await api.world.ask(bob.caller)
    newest_first = [global_id(job_id) for job_id in reversed(ids)]
    # when Ada pages by ten, and a new job comes after every page
    cursors: list[str] = []
    found: list[str] = []
    while True:
        page = (await ada.client.data(JOBS, first=10, after=cursors[-1] if cursors else None))["jobs"]
        found += [edge["node"]["id"] for edge in page["edges"]]
        assert page["pageInfo"]["hasPreviousPage"] is bool(cursors)
        cursors.append(page["pageInfo"]["endCursor"])
        await api.world.ask(ada.caller)
        if not page["pageInfo"]["hasNextPage"]:
            break
    # then every job of the beginning is there once
    assert found == newest_first
    assert len(cursors) == 3
    # and a cursor still means the same place
    again = (await ada.client.data(JOBS, first=10, after=cursors[0]))["jobs"]
    assert [edge["node"]["id"] for edge in again["edges"]] == newest_first[10:20]
    assert again["pageInfo"]["endCursor"] == cursors[1]


async def test_a_page_has_as_many_items_as_asked_for(api: Api) -> None:
    ada = await api.person()
    for _ in range(3):
        await api.world.ask(ada.caller)
    for first, has_next in ((2, True), (3, False), (100, False)):
        page = (await ada.client.data(JOBS, first=first))["jobs"]
        assert (len(page["edges"]), page["pageInfo"]["hasNextPage"]) == (min(first, 3), has_next)


async def test_a_page_that_cannot_be_is_refused(api: Api, subtests: pytest.Subtests) -> None:
    ada = await api.person()
    refused: list[tuple[str, str | int]] = [
        *(("first", first) for first in (0, 101, -(2**31))),
        *(("after", cursor) for cursor in ("", "garbage", to_base64("cursor", "1 or 1=1"), global_id(UNKNOWN))),
    ]
    messages = {"first": "'first' must be between 1 and 100.", "after": "'after' is not a cursor of this list."}
    for path, value in refused:
        with subtests.test(path, value=value):
            assert await ada.client.error(JOBS, **{path: value}) == {
                "code": "VALIDATION_FAILED",
                "message": messages[path],
                "issues": [{"path": path, "message": messages[path]}],
            }


async def test_a_queued_job_is_canceled_at_once(api: Api) -> None:
    ada = await api.person()
    job = await api.world.ask(ada.caller)
    assert await cancel(ada, global_id(job.id)) == {
        "__typename": "CancelJobSuccess",
        "job": {
            "id": global_id(job.id),
            "status": "CANCELED",
            "problem": {"code": "CANCELED", "message": "You canceled this job."},
        },
    }
    # and no worker hears of it any more
    assert api.world.queue.messages == []


async def test_somebody_elses_job_is_not_canceled(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    job = await api.world.ask(ada.caller)
    before = await api.contents()
    for job_id in (job.id, new_id()):
        assert await cancel(bob, global_id(job_id)) == {
            "__typename": "NotFound",
            "code": "NOT_FOUND",
            "message": f"There is no job with the id {job_id!r}.",
        }
    assert await api.contents() == before


async def test_nobody_cancels_without_signing_in(api: Api) -> None:
    ada = await api.person()
    job = await api.world.ask(ada.caller)
    before = await api.contents()
    answer = await api.anonymous.data(CANCEL, id=global_id(job.id))
    assert answer["cancelJob"] == {
        "__typename": "Unauthenticated",
        "code": "UNAUTHENTICATED",
        "message": "Sign in first, then send the access token as 'Authorization: Bearer …'.",
    }
    assert await api.contents() == before


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "CANCELED", "EXPIRED"])
async def test_a_finished_job_is_not_canceled(api: Api, status: str) -> None:
    # given a job that ended in this way
    ada = await api.person()
    job = await api.world.ask(ada.caller)
    await _end(api, job.id, JobStatus(status))
    ada = await api.signed_in_again(ada)
    before = await api.contents()
    # when its owner cancels it
    answer = await cancel(ada, global_id(job.id))
    # then it stays as it was
    assert answer == {
        "__typename": "JobAlreadyFinished",
        "code": "JOB_ALREADY_FINISHED",
        "message": f"This job is already finished: it is {status.lower()}.",
        "status": status,
    }
    assert await api.contents() == before


@pytest.mark.parametrize("query", [JOBS, JOB])
async def test_jobs_need_a_signed_in_person(edge: Api, query: str) -> None:
    assert await edge.anonymous.error(query, id=global_id(new_id())) == {
        "code": "UNAUTHENTICATED",
        "message": "Sign in first, then send the access token as 'Authorization: Bearer …'.",
    }


async def _end(api: Api, job_id: str, status: JobStatus) -> None:
    running = api.world.get(JobRunning)
    if status is JobStatus.SUCCEEDED:
        await api.world.work_off()
    elif status is JobStatus.EXPIRED:
        api.world.clock.advance(3601)
        await api.world.get(JobSweeping).sweep()
    else:
        lease = await running.claim(job_id, 1, "worker-1")
        assert lease is not None
        await api.world.get(JobEnding).fail(lease, status, JobProblem(status.value, "It ended."))
