"""Credits through the public API."""

from datetime import datetime

import pytest
import strawberry
from strawberry.relay.utils import to_base64

from domain.credits.errors import InsufficientCredits
from domain.credits.services.ledger import CreditLedger
from domain.kit.ids import new_id
from graphql_api.core.problems import ProblemCode
from graphql_api.credits.types import HANDLERS
from graphql_api.credits.types import InsufficientCredits as InsufficientCreditsProblem
from tests.graphql.harness import Api, Person

CREDITS = "{ credits { available held total planCredits packCredits periodEndsAt plan { key name } } }"
HISTORY = """
query($first: Int! = 20, $after: String) {
  creditHistory(first: $first, after: $after) {
    edges { cursor node { id kind availableChange heldChange availableAfter heldAfter note createdAt job { id } } }
    pageInfo { hasNextPage hasPreviousPage }
  }
}
"""
NODE = "query($id: ID!) { node(id: $id) { __typename ... on CreditTransfer { kind availableAfter } } }"
PLANS = """
{ creditPlans { key name monthlyCredits priceCents currency queue weight concurrency maxWaitingJobs
                maxDurationSeconds maxVariations }
  creditPacks { key name credits priceCents currency } }
"""


async def hold(api: Api, person: Person, amount: int, hold_id: str, job_id: str) -> None:
    ledger, owner = api.world.get(CreditLedger), person.caller.require()
    await api.world.kit.transactions.run(lambda session: ledger.hold(owner, amount, hold_id, job_id, session))


async def buy(api: Api, person: Person, credits: int) -> None:
    ledger, owner = api.world.get(CreditLedger), person.caller.require()
    await api.world.kit.transactions.run(
        lambda session: ledger.purchase(owner, credits, "purchase:1", "1,000 credits", session)
    )


async def test_a_new_person_has_the_free_plan(api: Api) -> None:
    ada = await api.person()
    credits = (await ada.client.data(CREDITS))["credits"]
    ends = datetime.fromisoformat(credits.pop("periodEndsAt"))
    assert 27 <= (ends - api.world.clock.now()).days <= 31
    assert credits == {
        "available": 500,
        "held": 0,
        "total": 500,
        "planCredits": 500,
        "packCredits": 0,
        "plan": {"key": "free", "name": "Free"},
    }


async def test_bought_and_held_credits_are_told_apart(api: Api) -> None:
    ada = await api.person()
    await buy(api, ada, 1000)
    await hold(api, ada, 600, "h1", new_id())
    credits = (await ada.client.data(CREDITS))["credits"]
    assert {name: credits[name] for name in ("available", "held", "total", "planCredits", "packCredits")} == {
        "available": 900,
        "held": 600,
        "total": 1500,
        "planCredits": 0,
        "packCredits": 900,
    }


async def test_the_history_tells_each_movement_newest_first(api: Api) -> None:
    # given a purchase and a hold
    ada, bob = await api.person(), await api.person("Bob")
    await buy(api, ada, 1000)
    await hold(api, ada, 600, "h1", new_id())
    # when it is read by two
    first = (await ada.client.data(HISTORY, first=2))["creditHistory"]
    rest = (await ada.client.data(HISTORY, first=2, after=first["edges"][-1]["cursor"]))["creditHistory"]
    # then the pages join
    told = [
        (node["kind"], node["availableChange"], node["heldChange"], node["availableAfter"], node["heldAfter"])
        for node in (edge["node"] for edge in first["edges"] + rest["edges"])
    ]
    assert told == [
        ("HOLD", -600, 600, 900, 600),
        ("PURCHASE", 1000, 0, 1500, 0),
        ("GRANT", 500, 0, 500, 0),
    ]
    assert [edge["node"]["note"] for edge in first["edges"]] == ["", "1,000 credits"]
    assert first["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": False}
    assert rest["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": True}
    # and another person sees their own only
    (only,) = (await bob.client.data(HISTORY))["creditHistory"]["edges"]
    assert only["node"]["kind"] == "GRANT"


async def test_a_transfer_leads_to_its_job(api: Api) -> None:
    ada = await api.person()
    job = await api.world.ask(ada.caller)
    await hold(api, ada, 1, "a hold of this test", job.id)
    (edge,) = (await ada.client.data(HISTORY, first=1))["creditHistory"]["edges"]
    assert edge["node"]["job"] == {"id": to_base64("GenerationJob", job.id)}


async def test_a_transfer_without_a_job_that_is_there_tells_none(api: Api) -> None:
    ada = await api.person()
    await hold(api, ada, 1, "h1", new_id())
    edges = (await ada.client.data(HISTORY))["creditHistory"]["edges"]
    assert [edge["node"]["job"] for edge in edges] == [None, None]


async def test_a_transfer_is_a_node_of_its_owner(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    (edge,) = (await ada.client.data(HISTORY))["creditHistory"]["edges"]
    transfer = edge["node"]["id"]
    expected = {"__typename": "CreditTransfer", "kind": "GRANT", "availableAfter": 500}
    assert (await ada.client.data(NODE, id=transfer))["node"] == expected
    assert (await bob.client.data(NODE, id=transfer))["node"] is None


async def test_plans_and_packs_are_told_to_everybody(edge: Api) -> None:
    told = await edge.anonymous.data(PLANS)
    assert told["creditPlans"][2] == {
        "key": "studio",
        "name": "Studio",
        "monthlyCredits": 40_000,
        "priceCents": 4000,
        "currency": "usd",
        "queue": "INTERACTIVE",
        "weight": 2.0,
        "concurrency": 16,
        "maxWaitingJobs": 500,
        "maxDurationSeconds": 600.0,
        "maxVariations": 8,
    }
    assert [plan["key"] for plan in told["creditPlans"]] == ["free", "creator", "studio"]
    assert told["creditPacks"][0] == {
        "key": "pack-1000",
        "name": "1,000 credits",
        "credits": 1000,
        "priceCents": 300,
        "currency": "usd",
    }
    assert len(told["creditPacks"]) == 3


@pytest.mark.parametrize("query", [CREDITS, HISTORY])
async def test_credits_need_a_signed_in_person(edge: Api, query: str) -> None:
    assert (await edge.anonymous.error(query))["code"] == "UNAUTHENTICATED"


async def test_a_page_has_a_size_and_a_cursor_of_this_list(api: Api) -> None:
    ada = await api.person()
    assert (await ada.client.error(HISTORY, first=101))["issues"] == [
        {"path": "first", "message": "'first' must be between 1 and 100."}
    ]
    assert (await ada.client.error(HISTORY, after=to_base64("cursor", new_id())))["issues"] == [
        {"path": "after", "message": "'after' is not a cursor of this list."}
    ]


def test_too_few_credits_are_a_problem_with_its_numbers(schema: strawberry.Schema) -> None:
    (handler,) = [each for each in HANDLERS if each.exception_type is InsufficientCredits]
    error = InsufficientCredits(required_credits=20, available_credits=5)
    problem = handler.handle(error, field=None, info=None)
    assert isinstance(problem, InsufficientCreditsProblem)
    assert problem.code is ProblemCode.INSUFFICIENT_CREDITS
    assert problem.message == "This costs 20 credits and you have 5: 15 are missing."
    assert (problem.required_credits, problem.available_credits) == (20, 5)
    assert schema.get_type_by_name("InsufficientCredits") is not None
