"""How errors look: the document's keep their words, bugs are masked, lost servers are named."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
import strawberry
from graphql import get_introspection_query

from adapters.memory.audio_engine import MemoryAudioEngine
from adapters.memory.music_engine import MemoryEngine
from domain.generation.services.models import ModelCatalogue
from domain.kit.audio.music_engine import ModelStatus
from domain.kit.registry import Services
from tests.graphql.harness import Api, Door, open_api

MASKED = "Something went wrong on our side. Quote the request id when you report it."
TOO_CURIOUS = "Maximum introspection depth exceeded"
CREATE_KEY = """
mutation($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { __typename ... on CreateApiKeySuccess { apiKey { expiresAt } } }
}
"""
SECRET = "password=hunter2 at /srv/cadenza/engine.py"


class CrashingEngine(MemoryEngine):
    async def models(self) -> Sequence[ModelStatus]:
        raise RuntimeError(SECRET)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ viewer { id ", "Syntax Error: Expected Name, found <EOF>."),
        ("# nothing", "Syntax Error: Unexpected <EOF>."),
        ('{ job(id: "\\ud800") { id } }', "Syntax Error: Invalid Unicode escape sequence: '\\ud800'."),
        ("{ nope }", "Cannot query field 'nope' on type 'Query'. Did you mean 'node' or 'nodes'?"),
        ("{ viewer { emai } }", "Cannot query field 'emai' on type 'Account'. Did you mean 'email'?"),
        ("{ job { id } }", "Argument 'Query.job(id:)' of type 'ID!' is required, but it was not provided."),
        ("{ job(id: 5.5) { id } }", "ID cannot represent a non-string and non-integer value: 5.5"),
        (
            "query($first: Int!) { jobs(first: $first) { edges { cursor } } }",
            "Variable '$first' has invalid value: Expected a value of non-null type 'Int!' to be provided.",
        ),
        ("{ __schema { types " + "{ fields { type " * 6 + "{ name }" + " } }" * 6 + " } }", TOO_CURIOUS),
    ],
)
async def test_what_is_wrong_with_a_document_is_told(edge: Api, query: str, message: str) -> None:
    answer = await edge.anonymous.ask(query)
    assert answer.error["message"] == message
    assert answer.error["extensions"] == {"code": "BAD_REQUEST", "requestId": answer.headers["x-request-id"]}
    assert "data" not in answer.body


@pytest.mark.parametrize("value", ["1", 1.5, 2**31, 10**30, True, [1, 2], {}])
async def test_what_is_wrong_with_a_variable_is_told(edge: Api, value: Any) -> None:
    query = "query($first: Int!) { jobs(first: $first) { edges { cursor } } }"
    problem = await edge.anonymous.error(query, first=value)
    assert problem["code"] == "BAD_REQUEST"
    assert problem["message"].startswith("Variable '$first' has invalid value: Int cannot represent non")


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z", ""])
async def test_a_moment_that_utc_has_no_date_for_is_refused(api: Api, text: str) -> None:
    # given two ways to send a moment
    ada = await api.person()
    written = f'mutation {{ createApiKey(input: {{name: "a", scopes: [JOBS], expiresAt: "{text}"}}) {{ __typename }} }}'
    before = await api.contents()

    # when it is none
    literal = await ada.client.error(written)
    variable = await ada.client.error(CREATE_KEY, input={"name": "a", "scopes": ["JOBS"], "expiresAt": text})

    # then the caller is told, and nothing has happened
    assert (literal["code"], variable["code"]) == ("BAD_REQUEST", "BAD_REQUEST")
    assert "cannot represent a DateTime" in literal["message"]
    assert "cannot represent a DateTime" in variable["message"]
    assert await api.contents() == before


async def test_a_moment_is_the_same_wherever_it_is_written(api: Api) -> None:
    ada = await api.person()

    made = await ada.client.data(
        CREATE_KEY, input={"name": "a", "scopes": ["JOBS"], "expiresAt": "2099-06-01t12:00:00+02:00"}
    )

    assert made["createApiKey"]["apiKey"]["expiresAt"] == "2099-06-01T10:00:00+00:00"


async def test_a_bug_is_masked_and_can_be_found_by_its_request_id(
    edge: Api, door: Door, schema: strawberry.Schema
) -> None:
    # given a resolver that crashes with words that nobody outside may read
    services = Services()
    services.add(ModelCatalogue(CrashingEngine(), MemoryAudioEngine(), edge.world.clock, non_commercial=False))
    async with open_api(edge.world, door, schema, services=services) as crashing:
        answer = await crashing.anonymous.ask("{ models { id } }")
        # and so over a socket
        async with crashing.anonymous.socket() as socket:
            (payload,) = [payload async for payload in socket.follow("{ models { id } }", {})]
    # then the answer says that it happened, and where, and no more
    assert answer.status == 200
    assert answer.error == {
        "message": MASKED,
        "locations": [{"line": 1, "column": 3}],
        "path": ["models"],
        "extensions": {"code": "INTERNAL", "requestId": answer.headers["x-request-id"]},
    }
    for text in (json.dumps(answer.body), json.dumps(payload)):
        assert "hunter2" not in text
        assert "RuntimeError" not in text
    assert payload["errors"][0]["extensions"]["code"] == "INTERNAL"


async def test_the_rest_of_an_answer_survives_an_error(api: Api) -> None:
    ada = await api.person()
    answer = await ada.client.ask('{ viewer { email } job(id: "garbage") { id } }')
    assert answer.body["data"] == {"viewer": {"email": ada.email}, "job": None}
    assert (answer.error["path"], answer.error["extensions"]["code"]) == (["job"], "VALIDATION_FAILED")


async def test_the_schema_can_be_asked_for(edge: Api) -> None:
    found = await edge.anonymous.data(get_introspection_query())
    types = {one["name"]: one for one in found["__schema"]["types"]}
    assert {"Query", "Mutation", "Subscription", "GenerationJob", "Problem", "PageInfo"} <= set(types)
    # and everything in it is described
    ours = [one for name, one in types.items() if not name.startswith("__")]
    assert [one["name"] for one in ours if not one["description"]] == []
    fields = [(one["name"], field) for one in ours for field in (one["fields"] or []) + (one["inputFields"] or [])]
    assert [(name, field["name"]) for name, field in fields if not field["description"]] == []
    arguments = [(field["name"], argument) for _, field in fields for argument in field.get("args", [])]
    assert [(name, argument["name"]) for name, argument in arguments if not argument["description"]] == []
    values = [(one["name"], value) for one in ours for value in one["enumValues"] or []]
    assert [(name, value["name"]) for name, value in values if not value["description"]] == []
