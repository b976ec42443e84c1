"""What operations cost, who pays, and what happens when the budget is used up."""

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
import strawberry

from bootstrap.areas import PRICES
from domain.kit.rate_limit import Bucket
from graphql_api.core.documents.prices import Price, PriceList
from graphql_api.core.documents.reading import Documents
from graphql_api.core.policy import DocumentLimits
from graphql_api.core.transport.client_address import client_address
from tests.graphql.harness import POLICY, Api, Door, open_api

SMALL = Bucket(capacity=100, restore_per_second=0.001)
MEAN = replace(POLICY, account_bucket=SMALL, address_bucket=SMALL, refused_cost=30)
PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


def cost(schema: strawberry.Schema, text: str, variables: Mapping[str, Any] | None = None) -> int:
    documents = Documents(schema._schema, PriceList(schema._schema, PRICES), DocumentLimits(), kept=1)
    return documents.read(text).operation(None).cost.points(variables or {})


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("{ viewer { id email } }", 1),
        ("{ __typename }", 0),
        ("{ __schema { types { name } } }", 100),
        ("{ tracks { edges { node { id title } } } }", 1 + 20 * 2),
        ("{ tracks(first: 3) { edges { node { id currentVersion { id } } } } }", 1 + 3 * 3),
        (
            "{ tracks(first: 2) { edges { node { versions(first: 5) { edges { node { id } } } } } } }",
            1 + 2 * (3 + 5 * 2),
        ),
        ('{ nodes(ids: ["a", "b", "c"]) { ... on Track { currentVersion { id } } } }', 1 + 3),
        ("{ ...a ...a } fragment a on Query { viewer { id } }", 2),
        ("{ jobs(first: 4) { edges { node { queuePosition } } } }", 1 + 4 * 3),
        ("{ jobs(first: 4) { edges { node { ... on GenerationJob { queuePosition } } } } }", 1 + 4 * 3),
        ('mutation { cancelJob(input: {jobId: "x"}) { __typename } }', 10),
        ('mutation { generateTrack(input: {prompt: "x"}) { __typename } }', 100),
        ("{ tracks(first: -5) { edges { cursor } } }", 2),
        ("{ tracks(first: 2000000000) { edges { cursor } } }", 1001),
    ],
)
def test_an_operation_costs_its_fields_times_the_sizes_of_its_pages(
    schema: strawberry.Schema, text: str, points: int
) -> None:
    assert cost(schema, text) == points


@pytest.mark.parametrize(
    ("variables", "points"),
    [({}, 1 + 7 * (3 + 20 * 2)), ({"a": 2}, 1 + 2 * (3 + 20 * 2)), ({"a": 2, "b": 3}, 1 + 2 * (3 + 3 * 2))],
)
def test_page_sizes_may_be_variables(schema: strawberry.Schema, variables: dict[str, Any], points: int) -> None:
    text = """query($a: Int! = 7, $b: Int! = 20) {
      tracks(first: $a) { edges { node { ...versions } } }
    }
    fragment versions on Track { versions(first: $b) { edges { node { id } } } }"""
    assert cost(schema, text, variables) == points
    ids = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Track { currentVersion { id } } } }"
    assert cost(schema, ids, {"ids": ["a"] * 5}) == 1 + 5


def test_every_price_is_of_a_field_that_exists(schema: strawberry.Schema) -> None:
    PriceList(schema._schema, PRICES)
    with pytest.raises(ValueError, match=r"there is no field Query\.nonsense to have a price"):
        PriceList(schema._schema, {"Query.nonsense": Price(1)})


async def test_an_answer_tells_what_it_cost(api: Api, door: Door, schema: strawberry.Schema) -> None:
    async with open_api(api.world, door, schema, policy=MEAN) as mean:
        ada = await mean.person()
        answers = [await ada.client.ask("{ tracks(first: 5) { edges { node { id } } } }") for _ in range(2)]
    assert [answer.body["extensions"]["cost"] for answer in answers] == [
        {"requested": 11, "remaining": remaining, "limit": 100, "restoreRate": 0.001} for remaining in (89, 78)
    ]


async def test_whoever_has_used_up_the_budget_is_told_when_to_come_back(
    api: Api, door: Door, schema: strawberry.Schema
) -> None:
    async with open_api(api.world, door, schema, policy=MEAN) as mean:
        ada, bob = await mean.person(), await mean.person("Bob")
        # given a person who has spent nearly everything
        await ada.client.data("{ tracks(first: 45) { edges { node { id } } } }")
        before = await mean.contents()
        # when a mutation would cost more than is left
        answer = await ada.client.ask('mutation { cancelJob(input: {jobId: "x"}) { __typename } }')
        # then it is not executed
        assert answer.status == 429
        assert int(answer.headers["retry-after"]) == pytest.approx(1000, abs=2)
        assert "data" not in answer.body
        assert answer.problem["code"] == "RATE_LIMITED"
        assert answer.problem["retryAfterSeconds"] == int(answer.headers["retry-after"])
        assert answer.problem["cost"] == {"requested": 10, "remaining": 9, "limit": 100, "restoreRate": 0.001}
        assert await mean.contents() == before
        # and others, and strangers, have budgets of their own
        assert await bob.client.data("{ viewer { email } }") == {"viewer": {"email": bob.email}}
        assert await mean.anonymous.data("{ viewer { id } }") == {"viewer": None}
        # and a socket lives under the same budget
        async with ada.client.socket() as socket:
            await socket.subscribe("{ tracks { edges { cursor } } }", {})
            refused = await socket.receive()
    assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "RATE_LIMITED")


async def test_refused_documents_are_not_for_nothing(api: Api, door: Door, schema: strawberry.Schema) -> None:
    async with open_api(api.world, door, schema, policy=MEAN) as mean:
        codes = [(await mean.anonymous.error("{ nonsense }"))["code"] for _ in range(4)]
    assert codes == ["BAD_REQUEST"] * 3 + ["RATE_LIMITED"]


async def test_an_operation_may_not_cost_more_than_the_limit(edge: Api) -> None:
    problem = await edge.anonymous.error(
        "{ tracks(first: 100) { edges { node { versions(first: 100) { edges { cursor } } } } } }"
    )
    assert {name: problem[name] for name in ("code", "limit", "bound", "value")} == {
        "code": "DOCUMENT_TOO_COMPLEX",
        "limit": "cost",
        "bound": 5000,
        "value": 1 + 100 * (3 + 100),
    }


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.7, 10.9.9.9", "198.51.100.7"),
        ("10.0.0.1", "1.1.1.1, garbage", "10.0.0.1"),
        ("10.0.0.1", "1.1.1.1, garbage, 10.2.2.2", "10.2.2.2"),
        ("10.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fd00::1", "198.51.100.7", "198.51.100.7"),
        ("::ffff:192.0.2.1", None, "192.0.2.1"),
        ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
        (None, "198.51.100.7", "unknown"),
    ],
)
def test_only_trusted_proxies_are_believed_about_the_client(
    peer: str | None, forwarded: str | None, address: str
) -> None:
    headers = [] if forwarded is None else [(b"x-forwarded-for", forwarded.encode())]
    scope = {"client": None if peer is None else (peer, 5), "headers": headers}
    assert client_address(scope, PROXIES) == address


async def test_strangers_behind_a_proxy_pay_for_themselves(api: Api, door: Door, schema: strawberry.Schema) -> None:
    policy = replace(MEAN, proxies=[ip_network("127.0.0.1/32")])
    async with (
        open_api(api.world, door, schema, policy=policy) as mean,
        httpx.AsyncClient(base_url=mean.base_url) as network,
    ):
        query = {"query": "{ viewer { id } models { id } }"}
        first = [
            (await network.post("/graphql", json=query, headers={"X-Forwarded-For": address})).json()["extensions"]
            for address in ("192.0.2.1", "192.0.2.1", "192.0.2.9")
        ]
    assert [found["cost"]["remaining"] for found in first] == [94, 88, 94]
