"""What every request lives under: ids, limits, methods, health and metrics."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
import strawberry
from prometheus_client.parser import text_string_to_metric_families

from domain.kit.errors import DependencyUnavailable
from graphql_api.core.transport.http import POSTED
from graphql_api.core.transport.requests import MAX_BODY_BYTES
from tests.graphql.harness import ORIGIN, Api, Door, is_request_id, open_api

QUERY = "{ viewer { id } }"


def too_large(request_id: str) -> dict[str, Any]:
    extensions = {"code": "BODY_TOO_LARGE", "requestId": request_id}
    return {"errors": [{"message": "The request body may have at most 262144 bytes.", "extensions": extensions}]}


async def requests_counted(api: Api, **labels: str) -> float:
    """How many requests with these labels `/metrics` has counted."""
    text = (await api.http.get("/metrics")).text
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "cadenza_http_requests_total" and labels.items() <= sample.labels.items()
    )


@pytest.mark.parametrize("offered", ["trace-1234", "a.B_c-9" * 9, "0" * 64])
async def test_a_harmless_request_id_is_kept(edge: Api, offered: str) -> None:
    answer = await edge.anonymous.ask("{ nope }", {"X-Request-Id": offered})
    assert answer.headers["x-request-id"] == offered
    assert answer.error["extensions"]["requestId"] == offered


@pytest.mark.parametrize(
    "offered", [None, b"", b"short", b"x" * 65, b"with space", b"<script>", b"line%0abreak", b"\xfcml\xe4ute!"]
)
async def test_any_other_request_gets_an_id(edge: Api, offered: bytes | None) -> None:
    headers = [] if offered is None else [(b"X-Request-Id", offered)]
    response = await edge.http.post("/graphql", json={"query": "{ nope }"}, headers=headers)
    assert is_request_id(response.headers["x-request-id"])
    assert response.json()["errors"][0]["extensions"]["requestId"] == response.headers["x-request-id"]


async def test_every_answer_has_a_request_id(edge: Api) -> None:
    for path in ("/graphql", "/livez", "/readyz", "/metrics", "/nowhere", "/hls/x/master.m3u8"):
        assert is_request_id((await edge.http.get(path)).headers["x-request-id"])


@pytest.mark.parametrize("over_network", [False, True])
@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_above_256_kib_is_refused(edge: Api, chunked: bool, over_network: bool) -> None:
    body = b'{"query": "{ viewer { id } } #' + b"x" * MAX_BODY_BYTES + b'"}'

    async def chunks() -> AsyncGenerator[bytes, None]:
        for start in range(0, len(body), 10_000):
            yield body[start : start + 10_000]

    async with httpx.AsyncClient(base_url=edge.base_url) as network:
        client = network if over_network else edge.http
        content = chunks() if chunked else body
        response = await client.post("/graphql", content=content, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()) == (413, too_large(response.headers["x-request-id"]))


@pytest.mark.parametrize("length", ["5", "-1", "1e9", "²", "99999999999999999999", ""])
async def test_a_length_that_lies_does_not_help(edge: Api, length: str) -> None:
    async def chunks() -> AsyncGenerator[bytes, None]:
        for _ in range(30):
            yield b" " * 10_000

    headers = [(b"content-type", b"application/json"), (b"content-length", length.encode("latin-1"))]
    response = await edge.http.post("/graphql", content=chunks(), headers=headers)
    assert (response.status_code, response.json()) == (413, too_large(response.headers["x-request-id"]))


async def test_a_body_of_256_kib_is_read(edge: Api) -> None:
    start, end = b'{"query": "{ viewer { id } } #', b'"}'
    body = start + b"x" * (MAX_BODY_BYTES - len(start) - len(end)) + end
    response = await edge.http.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["data"]) == (200, {"viewer": None})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The body is not JSON."),
        (b"{", "The body is not JSON."),
        (b"null", "A request is a JSON object with at least a 'query'."),
        (b"5", "A request is a JSON object with at least a 'query'."),
        (b'"{ viewer { id } }"', "A request is a JSON object with at least a 'query'."),
        (b"\xff\xfe", "The body is not JSON."),
        (b"[" * 100_000, "The body is not JSON."),
        (b'{"query": "{viewer{id}}", "variables": {"x": NaN}}', "The body is not JSON."),
        (b"{}", "The request has no 'query'."),
        (b'{"query": 5}', "'query' must be a string."),
        (b'{"query": "{viewer{id}}", "variables": []}', "'variables' must be an object."),
        (b'{"query": "{viewer{id}}", "operationName": 5}', "'operationName' must be a string."),
        (b'{"query": "{viewer{id}}", "extensions": 5}', "'extensions' must be an object."),
        (b'[{"query": "{viewer{id}}"}]', "Batches are not taken: send one operation per request."),
        (b"[]", "Batches are not taken: send one operation per request."),
    ],
)
async def test_what_is_no_request_gets_a_400(edge: Api, content: bytes, message: str) -> None:
    response = await edge.http.post("/graphql", content=content, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert response.json() == refusal("BAD_REQUEST", message, response)


async def test_operations_are_posted(edge: Api) -> None:
    for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS"):
        response = await edge.http.request(method, "/graphql", params={"query": QUERY})
        assert response.status_code == 405
        assert response.headers["allow"] == ("POST" if method == "GET" else "GET, POST")
        assert response.json() == refusal("METHOD_NOT_ALLOWED", POSTED, response)


async def test_a_subscription_needs_a_stream(edge: Api) -> None:
    query = 'subscription { jobProgress(jobId: "x") { eventId } }'
    response = await edge.http.post("/graphql", json={"query": query})
    message = "Subscriptions need 'Accept: text/event-stream', or a WebSocket."
    assert (response.status_code, response.json()) == (400, refusal("BAD_REQUEST", message, response))


def refusal(code: str, message: str, response: httpx.Response) -> dict[str, Any]:
    """The whole body of an answer to what was not executed."""
    extensions = {"code": code, "requestId": response.headers["x-request-id"]}
    return {"errors": [{"message": message, "extensions": extensions}]}


async def test_browsers_may_call_from_our_own_pages_only(edge: Api) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    ours = await edge.http.options("/graphql", headers={"Origin": ORIGIN, **asked})
    assert (ours.status_code, ours.headers["access-control-allow-origin"]) == (200, ORIGIN)
    other = await edge.http.options("/graphql", headers={"Origin": "https://elsewhere.example", **asked})
    assert (other.status_code, "access-control-allow-origin" in other.headers) == (400, False)


async def test_requests_are_counted_without_naming_secrets(edge: Api) -> None:
    posted = {"method": "POST", "path": "/graphql", "status": "200"}
    listened = {"method": "GET", "path": "/hls", "status": "404"}
    lost = {"method": "GET", "path": "other", "status": "404"}
    before = [await requests_counted(edge, **labels) for labels in (posted, listened, lost)]
    await edge.anonymous.ask(QUERY)
    await edge.http.get("/hls/a-secret-token/audio.m3u8")
    await edge.http.get("/wp-admin")
    await edge.http.get("/wp-login")
    after = [await requests_counted(edge, **labels) for labels in (posted, listened, lost)]
    assert [late - early for early, late in zip(before, after, strict=True)] == [1, 1, 2]
    metrics = await edge.http.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert "a-secret-token" not in metrics.text
    assert "wp-admin" not in metrics.text
    assert "cadenza_http_request_seconds_bucket" in metrics.text


async def test_a_process_that_runs_is_alive(edge: Api) -> None:
    response = await edge.http.get("/livez")
    assert (response.status_code, response.text) == (200, "ok")


async def _well() -> None:
    return


async def _unreachable() -> None:
    raise DependencyUnavailable("Redis", "connection refused by 10.0.0.7")


async def _broken() -> None:
    raise OSError


async def _silent() -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize("name", ["mongo", "redis", "s3", "triton"])
async def test_readiness_names_the_dependency_that_does_not_answer(
    edge: Api, door: Door, schema: strawberry.Schema, name: str
) -> None:
    checks = dict.fromkeys(("mongo", "redis", "s3", "triton"), _well)
    async with open_api(edge.world, door, schema, checks=checks) as well:
        response = await well.http.get("/readyz")
        assert (response.status_code, response.json()) == (
            200,
            {"ready": True, "dependencies": dict.fromkeys(checks, "ok")},
        )
    async with open_api(edge.world, door, schema, checks={**checks, name: _unreachable}) as ill:
        response = await ill.http.get("/readyz")
        reason = "Redis cannot be reached right now. Nothing is lost; try again in a moment."
        assert (response.status_code, response.json()) == (
            503,
            {"ready": False, "dependencies": {**dict.fromkeys(checks, "ok"), name: reason}},
        )


async def test_readiness_waits_three_seconds_at_most(edge: Api, door: Door, schema: strawberry.Schema) -> None:
    checks = {"mongo": _silent, "redis": _silent, "s3": _broken, "triton": _well}
    async with open_api(edge.world, door, schema, checks=checks) as ill:
        async with asyncio.timeout(4):
            response = await ill.http.get("/readyz")
    assert response.status_code == 503
    assert response.json()["dependencies"] == {
        "mongo": "no answer within 3 s",
        "redis": "no answer within 3 s",
        "s3": "OSError",
        "triton": "ok",
    }
