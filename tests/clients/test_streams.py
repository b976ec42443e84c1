"""The public clients graphql-ws and graphql-sse, watching a job of the running API to its end."""

from pathlib import Path

import pytest
from strawberry.relay.utils import to_base64

from domain.kit.ids import new_id
from tests.clients.node import run
from tests.graphql.harness import Api

PROGRESS = "subscription($id: ID!) { jobProgress(jobId: $id) { eventId status } }"


@pytest.mark.parametrize("transport", ["ws", "sse"])
async def test_a_job_is_watched_to_its_end(api: Api, clients: Path, transport: str) -> None:
    # given a job that was canceled
    ada = await api.person()
    job = await api.world.ask(ada.caller)
    global_id = to_base64("GenerationJob", job.id)
    await ada.client.data("mutation($id: ID!) { cancelJob(input: {jobId: $id}) { __typename } }", id=global_id)
    # when its owner watches it with a public client
    variables = f'{{"id": "{global_id}"}}'
    url = f"{api.base_url}/graphql"
    told = await run("subscribe.mjs", transport, url, ada.client.token or "", PROGRESS, variables)
    # then its state comes, and the end of the subscription
    *events, end = told
    assert [event["next"]["data"]["jobProgress"]["status"] for event in events] == ["CANCELED"]
    assert end == {"complete": True}


@pytest.mark.parametrize("transport", ["ws", "sse"])
async def test_what_is_not_the_callers_is_told_as_an_error(api: Api, clients: Path, transport: str) -> None:
    ada = await api.person()
    variables = f'{{"id": "{to_base64("GenerationJob", new_id())}"}}'
    url = f"{api.base_url}/graphql"
    told = await run("subscribe.mjs", transport, url, ada.client.token or "", PROGRESS, variables)
    assert [event["next"]["errors"][0]["extensions"]["code"] for event in told[:-1]] == ["NOT_FOUND"]
    assert told[-1] == {"complete": True}


@pytest.mark.parametrize("transport", ["ws", "sse"])
async def test_queries_work_as_well(edge: Api, clients: Path, transport: str) -> None:
    told = await run("subscribe.mjs", transport, f"{edge.base_url}/graphql", "", "{ viewer { id } }", "{}")
    assert [event["next"]["data"] for event in told[:-1]] == [{"viewer": None}]
    assert told[-1] == {"complete": True}
