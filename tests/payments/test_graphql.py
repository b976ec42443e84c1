"""Buying as clients see it."""

import pytest

from bootstrap.payments import sandbox_secret
from tests.graphql.harness import Api, Person
from tests.payments.stripe_shapes import event, seconds, session, signed

BUY = """
mutation Buy($input: BuyCreditsInput!) {
  buyCredits(input: $input) {
    __typename
    ... on BuyCreditsSuccess { checkoutUrl order { id kind itemId itemName status credits amountCents currency } }
    ... on Problem { code message }
    ... on ValidationFailed { issues { path } }
    ... on IdempotencyConflict { idempotencyKey }
  }
}
"""
SUBSCRIBE = """
mutation Subscribe($input: SubscribeToPlanInput!) {
  subscribeToPlan(input: $input) {
    __typename
    ... on SubscribeToPlanSuccess { checkoutUrl order { id kind status } }
    ... on Problem { code message }
    ... on AlreadySubscribed { planKey }
    ... on ValidationFailed { issues { path } }
  }
}
"""
PORTAL = """
mutation Portal($input: OpenBillingPortalInput!) {
  openBillingPortal(input: $input) {
    __typename
    ... on OpenBillingPortalSuccess { portalUrl }
    ... on Problem { code }
  }
}
"""
ORDERS = """
query Orders($first: Int! = 20, $after: String) {
  orders(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    edges { node { id status refundedCents createdAt } }
  }
}
"""
NODE = "query Node($id: ID!) { node(id: $id) { id ... on Order { itemName } } }"
CREDITS = "{ credits { available packCredits planCredits } }"


async def pay(api: Api, checkout_url: str, action: str = "pay") -> None:
    path = checkout_url.removeprefix(api.world.kit.settings.api.address())
    answer = await api.http.post(f"{path}/{action}")
    assert answer.status_code == 303, answer.text


async def buy(person: Person, pack_id: str = "pack-1000", **fields: str) -> dict[str, object]:
    found: dict[str, object] = (await person.client.data(BUY, input={"packKey": pack_id, **fields}))["buyCredits"]
    return found


async def test_a_pack_is_ordered_paid_and_in_the_wallet(api: Api) -> None:
    ada = await api.person()
    bought = (await ada.client.data(BUY, input={"packKey": "pack-1000"}))["buyCredits"]
    order = bought["order"]
    assert {name: value for name, value in order.items() if name != "id"} == {
        "kind": "PACK",
        "itemId": "pack-1000",
        "itemName": "1,000 credits",
        "status": "OPEN",
        "credits": 1000,
        "amountCents": 300,
        "currency": "usd",
    }
    await pay(api, bought["checkoutUrl"])
    assert (await ada.client.data(CREDITS))["credits"]["packCredits"] == 1000
    (edge,) = (await ada.client.data(ORDERS))["orders"]["edges"]
    assert (edge["node"]["id"], edge["node"]["status"]) == (order["id"], "PAID")
    await pay(api, bought["checkoutUrl"], "refund")
    (edge,) = (await ada.client.data(ORDERS))["orders"]["edges"]
    assert (edge["node"]["status"], edge["node"]["refundedCents"]) == ("REFUNDED", 300)
    assert (await ada.client.data(CREDITS))["credits"]["packCredits"] == 0


async def test_the_same_key_gives_the_same_order_and_address(api: Api) -> None:
    ada = await api.person()
    first = await buy(ada, idempotencyKey="key")
    assert first["__typename"] == "BuyCreditsSuccess"
    assert await buy(ada, idempotencyKey="key") == first
    other = await buy(ada, "pack-5000", idempotencyKey="key")
    assert (other["__typename"], other["idempotencyKey"]) == ("IdempotencyConflict", "key")


async def test_an_unknown_pack_is_told_with_its_path(api: Api) -> None:
    ada = await api.person()
    before = await api.contents()
    refused = await buy(ada, "golden")
    assert (refused["__typename"], refused["issues"]) == ("ValidationFailed", [{"path": "packKey"}])
    assert await api.contents() == before


async def test_a_plan_is_subscribed_to_once(api: Api) -> None:
    ada = await api.person()
    ordered = (await ada.client.data(SUBSCRIBE, input={"planKey": "creator"}))["subscribeToPlan"]
    assert ordered["order"]["kind"] == "PLAN"
    await pay(api, ordered["checkoutUrl"])
    assert (await ada.client.data(CREDITS))["credits"]["planCredits"] == 10_000
    refused = (await ada.client.data(SUBSCRIBE, input={"planKey": "studio"}))["subscribeToPlan"]
    assert refused == {
        "__typename": "AlreadySubscribed",
        "code": "ALREADY_SUBSCRIBED",
        "message": "You already subscribe to the plan 'creator'. Change or end it in the billing portal.",
        "planKey": "creator",
    }


async def test_the_portal_opens_for_who_has_bought(api: Api) -> None:
    ada = await api.person()
    empty = await ada.client.data(PORTAL, input={})
    assert empty["openBillingPortal"] == {"__typename": "NoBillingAccount", "code": "NO_BILLING_ACCOUNT"}
    ordered = (await ada.client.data(SUBSCRIBE, input={"planKey": "creator"}))["subscribeToPlan"]
    await pay(api, ordered["checkoutUrl"])
    opened = (await ada.client.data(PORTAL, input={"page": "CANCELATION"}))["openBillingPortal"]
    assert opened["__typename"] == "OpenBillingPortalSuccess"
    assert "/payments/test/portal/" in opened["portalUrl"]


@pytest.mark.parametrize(
    "document, field, given",
    [
        (BUY, "buyCredits", {"packKey": "pack-1000"}),
        (SUBSCRIBE, "subscribeToPlan", {"planKey": "creator"}),
        (PORTAL, "openBillingPortal", {}),
    ],
)
async def test_nobody_buys_without_signing_in(api: Api, document: str, field: str, given: dict[str, str]) -> None:
    before = await api.contents()
    assert (await api.anonymous.data(document, input=given))[field]["__typename"] == "Unauthenticated"
    assert await api.contents() == before


async def test_orders_are_paged_and_are_nodes_of_their_owner(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    answers = [await ada.client.data(BUY, input={"packKey": "pack-1000"}) for _ in range(3)]
    ids = [answer["buyCredits"]["order"]["id"] for answer in answers]
    first = (await ada.client.data(ORDERS, first=2))["orders"]
    second = (await ada.client.data(ORDERS, first=2, after=first["pageInfo"]["endCursor"]))["orders"]
    assert [edge["node"]["id"] for edge in [*first["edges"], *second["edges"]]] == ids[::-1]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)
    assert (await ada.client.data(NODE, id=ids[0]))["node"] == {"id": ids[0], "itemName": "1,000 credits"}
    assert (await bob.client.data(NODE, id=ids[0]))["node"] is None
    assert (await bob.client.data(ORDERS))["orders"]["edges"] == []
    assert (await api.anonymous.error(ORDERS))["code"] == "UNAUTHENTICATED"


def webhook(api: Api, order_id: str, id: str = "evt_1") -> tuple[bytes, dict[str, str]]:
    at = seconds(api.world.clock.now())
    payload = event("checkout.session.completed", session(order_id), at, id)
    return payload, {"Stripe-Signature": signed(payload, sandbox_secret(api.world.kit.settings), at)}


async def test_the_webhook_takes_what_is_signed(api: Api) -> None:
    ada = await api.person()
    await buy(ada)
    (order,) = await api.world.documents("payment_orders")
    payload, headers = webhook(api, order["_id"])
    for _ in range(2):
        answer = await api.http.post("/webhooks/payments", content=payload, headers=headers)
        assert (answer.status_code, answer.text) == (200, "ok")
    assert (await ada.client.data(CREDITS))["credits"]["packCredits"] == 1000


async def test_the_webhook_refuses_what_is_not(api: Api) -> None:
    await buy(await api.person())
    (order,) = await api.world.documents("payment_orders")
    payload, headers = webhook(api, order["_id"])
    before = await api.contents()
    for body, sent in ((payload, {}), (payload + b" ", headers), (b"", headers)):
        answer = await api.http.post("/webhooks/payments", content=body, headers=sent)
        assert answer.status_code == 400
    assert (
        await api.http.post("/webhooks/payments", content=b"x" * (256 * 1024 + 1), headers=headers)
    ).status_code == 413
    assert (await api.http.get("/webhooks/payments")).status_code == 405
    api.world.clock.advance(302)
    assert (await api.http.post("/webhooks/payments", content=payload, headers=headers)).status_code == 400
    assert await api.contents() == before
