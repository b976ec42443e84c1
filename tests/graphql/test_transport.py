"""GraphQL over HTTP to the letter: negotiation, status codes, event streams, deadlines, and what browsers may do."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import Any

import httpx
import pytest
import strawberry
from strawberry.relay.utils import to_base64

from adapters.memory.audio_engine import MemoryAudioEngine
from adapters.memory.music_engine import MemoryEngine
from domain.generation.services.models import ModelCatalogue
from domain.kit.audio.music_engine import ModelStatus
from domain.kit.registry import Services
from graphql_api.core.policy import SocketLimits
from graphql_api.core.transport.media_types import EVENT_STREAM, PLAIN_JSON, RESPONSE_JSON, negotiate
from tests.graphql.harness import POLICY, Api, Door, open_api

QUERY = {"query": "{ viewer { id } }"}
PROGRESS = "subscription($id: ID!) { jobProgress(jobId: $id) { status } }"
EAGER = SocketLimits(revalidate_seconds=0.05, keep_alive_seconds=0.05, per_caller=1, per_address=2)


class SleepingEngine(MemoryEngine):
    """Answers when `awake` is set, and not before."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.awake, self.canceled = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def models(self) -> Sequence[ModelStatus]:
        self.asked.set()
        try:
            await self.awake.wait()
        except asyncio.CancelledError:
            self.canceled.set()
            raise
        return await super().models()


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, PLAIN_JSON),
        ("", PLAIN_JSON),
        ("*/*", PLAIN_JSON),
        ("application/*", PLAIN_JSON),
        ("application/json", PLAIN_JSON),
        ("application/json; charset=utf-8", PLAIN_JSON),
        ("application/graphql-response+json", RESPONSE_JSON),
        ("application/graphql-response+json, application/json;q=0.9", RESPONSE_JSON),
        ("application/graphql-response+json;q=0.8, application/json;q=0.9", PLAIN_JSON),
        ("application/graphql-response+json, */*;q=0.1", RESPONSE_JSON),
        ("APPLICATION/GraphQL-Response+JSON", RESPONSE_JSON),
        ("text/event-stream", EVENT_STREAM),
        ("text/event-stream, application/json;q=0.5", EVENT_STREAM),
        ("text/*", None),
        ("text/html", None),
        ("application/json;q=0", None),
        ("application/json;q=nonsense", None),
        ("nonsense", None),
    ],
)
def test_the_answer_has_the_type_that_the_client_likes_best(accept: str | None, media_type: str | None) -> None:
    assert negotiate(accept) == media_type


@pytest.mark.parametrize("accept", [PLAIN_JSON, RESPONSE_JSON])
async def test_what_was_executed_is_answered_with_200(edge: Api, accept: str) -> None:
    response = await edge.http.post("/graphql", json=QUERY, headers={"Accept": accept})
    assert (response.status_code, response.json()["data"]) == (200, {"viewer": None})
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    failed = await edge.http.post("/graphql", json={"query": "{ credits { available } }"}, headers={"Accept": accept})
    assert (failed.status_code, failed.json()["data"]) == (200, None)


@pytest.mark.parametrize(
    "sent",
    [
        {"query": "{"},
        {"query": "{ nope }"},
        {"query": ""},
        {"query": "{ viewer { id } }", "operationName": "X"},
        {"query": "query A { viewer { id } } query B { viewer { id } }"},
        {"query": "query($first: Int!) { jobs(first: $first) { edges { cursor } } }"},
        {"query": "{" + "a" * 300 + "(b: " + "[" * 100},
        {"documentId": "sha256:0"},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0"}}},
    ],
)
async def test_what_is_not_executed_has_no_data_and_the_status_of_its_type(edge: Api, sent: dict[str, Any]) -> None:
    for accept, status in ((PLAIN_JSON, 200), (RESPONSE_JSON, 400)):
        response = await edge.http.post("/graphql", json=sent, headers={"Accept": accept})
        assert (response.status_code, list(response.json())) == (status, ["errors"])


async def test_a_client_with_hashes_is_told_to_send_the_text(edge: Api) -> None:
    sent = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}
    (error,) = (await edge.http.post("/graphql", json=sent)).json()["errors"]
    assert (error["message"], error["extensions"]["code"]) == (
        "PersistedQueryNotSupported",
        "PERSISTED_QUERY_NOT_SUPPORTED",
    )
    # and the text goes through with the hash beside it
    response = await edge.http.post("/graphql", json={**QUERY, **sent})
    assert response.json()["data"] == {"viewer": None}


async def test_a_type_that_cannot_be_given_is_refused(edge: Api) -> None:
    response = await edge.http.post("/graphql", json=QUERY, headers={"Accept": "text/html"})
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=utf-16",
    ],
)
async def test_what_a_browser_sends_without_asking_first_is_refused(edge: Api, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    response = await edge.http.post("/graphql", content=json.dumps(QUERY), headers=headers)
    assert response.status_code == 415
    assert response.json()["errors"][0]["extensions"]["code"] == "UNSUPPORTED_MEDIA_TYPE"


async def test_answers_tell_browsers_to_do_nothing_with_them(edge: Api) -> None:
    for path in ("/graphql", "/livez", "/nowhere"):
        headers = (await edge.http.post(path, json=QUERY)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert "strict-transport-security" not in headers


async def test_an_edge_over_https_says_so(edge: Api, door: Door, schema: strawberry.Schema) -> None:
    async with open_api(edge.world, door, schema, policy=replace(POLICY, over_https=True)) as safe:
        headers = (await safe.http.get("/livez")).headers
    assert headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"


async def test_strangers_are_not_told_the_schema_in_production(api: Api, door: Door, schema: strawberry.Schema) -> None:
    curious = "{ __schema { types { name } } }"
    policy = replace(POLICY, open_to_the_curious=False, ide=True)
    async with open_api(api.world, door, schema, policy=policy) as closed:
        ada = await closed.person()
        assert (await closed.anonymous.error(curious))["code"] == "INTROSPECTION_DISABLED"
        assert await closed.anonymous.data("{ __typename viewer { __typename } }") == {
            "__typename": "Query",
            "viewer": None,
        }
        assert (await closed.anonymous.error("{ vieer }"))["message"] == "Cannot query field 'vieer' on type 'Query'."
        assert (await closed.http.get("/graphql", headers={"Accept": "text/html"})).status_code == 405
        # but people who have signed in are
        assert len((await ada.client.data(curious))["__schema"]["types"]) > 50
        assert "Did you mean" in (await ada.client.error("{ vieer }"))["message"]


async def test_developers_get_graphiql(edge: Api, door: Door, schema: strawberry.Schema) -> None:
    async with open_api(edge.world, door, schema, policy=replace(POLICY, ide=True)) as opened:
        page = await opened.http.get("/graphql", headers={"Accept": "text/html"})
        assert (page.status_code, "graphiql" in page.text.lower()) == (200, True)
        assert (await opened.http.get("/graphql", headers={"Accept": "application/json"})).status_code == 405


async def test_a_query_that_takes_too_long_is_given_up(edge: Api, door: Door, schema: strawberry.Schema) -> None:
    engine, services = SleepingEngine(), Services()
    services.add(ModelCatalogue(engine, MemoryAudioEngine(), edge.world.clock, non_commercial=False))
    policy = replace(POLICY, execution_seconds=0.1)
    async with open_api(edge.world, door, schema, services=services, policy=policy) as hasty:
        answer = await hasty.anonymous.ask("{ models { id } }")
    assert (answer.status, "data" in answer.body) == (504, False)
    assert answer.problem == {
        "message": "The operation took longer than 0.1 s and was given up. Ask for less at once.",
        "code": "EXECUTION_TIMEOUT",
    }
    async with asyncio.timeout(5):
        await engine.canceled.wait()


async def events(response: httpx.Response) -> AsyncGenerator[tuple[str, Any], None]:
    """The events of a stream; a keep-alive is one without data."""
    block: list[str] = []
    async for line in response.aiter_lines():
        if line:
            block.append(line)
            continue
        fields = dict(part.split(":", 1) for part in block)
        data = fields.get("data", "").strip()
        yield fields.get("event", "").strip(), json.loads(data) if data else None
        block = []


async def test_a_subscription_is_streamed_as_server_sent_events(api: Api) -> None:
    # given a job
    ada = await api.person()
    job = await api.world.ask(ada.caller)
    global_id = to_base64("GenerationJob", job.id)
    headers = {"Accept": EVENT_STREAM, "Authorization": f"Bearer {ada.client.token}"}
    sent = {"query": PROGRESS, "variables": {"id": global_id}}
    async with (
        asyncio.timeout(20),
        httpx.AsyncClient(base_url=api.base_url) as network,
        network.stream("POST", "/graphql", json=sent, headers=headers) as response,
    ):
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        found = events(response)
        assert await anext(found) == ("", None)
        assert await anext(found) == ("next", {"data": {"jobProgress": {"status": "QUEUED"}}})
        # when it ends
        await ada.client.data("mutation($id: ID!) { cancelJob(input: {jobId: $id}) { __typename } }", id=global_id)
        rest = [event async for event in found]
    # then so does the stream
    assert rest == [("next", {"data": {"jobProgress": {"status": "CANCELED"}}}), ("complete", None)]


async def test_a_stream_that_cannot_begin_is_refused_as_any_request(edge: Api) -> None:
    response = await edge.http.post("/graphql", json={"query": "{ nope }"}, headers={"Accept": EVENT_STREAM})
    assert (response.status_code, response.headers["content-type"]) == (400, f"{RESPONSE_JSON}; charset=utf-8")


async def test_a_silent_stream_is_kept_alive_until_its_session_ends(
    api: Api, door: Door, schema: strawberry.Schema
) -> None:
    async with open_api(api.world, door, schema, policy=replace(POLICY, sockets=EAGER)) as eager:
        ada = await eager.person()
        headers = {"Accept": EVENT_STREAM, "Authorization": f"Bearer {ada.client.token}"}
        sent = {"query": "subscription { myJobs { status } }"}
        async with (
            asyncio.timeout(20),
            httpx.AsyncClient(base_url=eager.base_url) as network,
            network.stream("POST", "/graphql", json=sent, headers=headers) as response,
        ):
            found = events(response)
            assert [await anext(found) for _ in range(2)] == [("", None)] * 2
            # and one person has no more streams than are allowed
            refused = await network.post("/graphql", json=sent, headers=headers)
            assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (
                429,
                "TOO_MANY_CONNECTIONS",
            )
            # when the session is ended
            await eager.world.client[eager.world.database]["sessions"].delete_many({})
            told = [event async for event in found if event[0]]
    assert [kind for kind, _ in told] == ["next", "complete"]
    assert told[0][1]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
