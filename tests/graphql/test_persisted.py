"""Automatic persisted queries of anonymous callers and apps, and what is refused where they are off."""

from collections.abc import AsyncGenerator
from hashlib import sha256
from typing import Any

import pytest
import strawberry

from tests.graphql.client import Answer
from tests.graphql.harness import Api, Door, open_api
from tests.world import World

QUERY = "query Models { models { id } }"
HASH = sha256(QUERY.encode()).hexdigest()
APOLLO = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": HASH}}}
NOT_FOUND = {"message": "PersistedQueryNotFound", "code": "PERSISTED_QUERY_NOT_FOUND"}
SPEC = "application/graphql-response+json"


@pytest.fixture
async def keeping(world: World, door: Door, schema: strawberry.Schema) -> AsyncGenerator[Api, None]:
    """An API that lets everybody have texts kept."""
    async with open_api(world, door, schema, keeps_texts=True) as opened:
        yield opened


async def post(api: Api, body: dict[str, Any], token: str | None = None, accept: str = SPEC) -> Answer:
    headers = {"Accept": accept, **({} if token is None else {"Authorization": f"Bearer {token}"})}
    response = await api.http.post("/graphql", json=body, headers=headers)
    return Answer(response.status_code, response.headers, response.json())


@pytest.mark.parametrize("by", [APOLLO, {"documentId": f"sha256:{HASH}"}, {"documentId": HASH}])
async def test_a_text_is_kept_when_it_comes_with_its_hash(keeping: Api, by: dict[str, Any]) -> None:
    first = await post(keeping, by)
    assert (first.status, first.problem) == (400, NOT_FOUND)
    assert (await post(keeping, by, accept="application/json")).status == 200
    assert (await post(keeping, {**by, "query": QUERY})).data["models"]
    assert (await post(keeping, by)).data["models"]
    # and people's sessions get the same
    ada = await keeping.person()
    assert (await post(keeping, by, ada.client.token)).data["models"]


async def test_a_text_with_another_hash_is_neither_run_nor_kept(keeping: Api) -> None:
    answer = await post(keeping, {**APOLLO, "query": f"{QUERY} "})
    assert (answer.status, answer.problem["code"]) == (400, "PERSISTED_QUERY_HASH_MISMATCH")
    assert (await post(keeping, APOLLO)).problem == NOT_FOUND


async def test_what_is_not_valid_is_not_kept(keeping: Api) -> None:
    broken = "{ nonsense }"
    by = {"documentId": sha256(broken.encode()).hexdigest()}
    assert (await post(keeping, {**by, "query": broken})).status == 400
    assert (await post(keeping, by)).problem == NOT_FOUND


async def test_a_request_names_one_document(keeping: Api) -> None:
    answer = await post(keeping, {**APOLLO, "documentId": "other"})
    assert (answer.status, answer.problem["code"]) == (400, "BAD_REQUEST")


async def test_without_the_setting_hashes_are_not_supported(api: Api) -> None:
    for by in (APOLLO, {"documentId": HASH}):
        answer = await post(api, by)
        assert answer.problem == {"message": "PersistedQueryNotSupported", "code": "PERSISTED_QUERY_NOT_SUPPORTED"}
        assert (await post(api, {**by, "query": QUERY})).data["models"]
        assert (await post(api, by)).problem["code"] == "PERSISTED_QUERY_NOT_SUPPORTED"
