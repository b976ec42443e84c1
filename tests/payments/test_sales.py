"""Buying and subscribing: one order for one key, one checkout for one order, one subscription for one person."""

import asyncio

import pytest

from domain.idempotency.errors import IdempotencyConflict
from domain.kit.caller import ANONYMOUS
from domain.kit.errors import DependencyUnavailable, Unauthenticated, ValidationFailed
from domain.kit.paging import PageRequest
from domain.payments.errors import AlreadySubscribed, NoBillingAccount, PaymentsNotSetUp
from domain.payments.gateway import PortalPage
from domain.payments.model import OrderKind, OrderStatus
from domain.payments.services.receive import PaymentEvents
from domain.payments.services.settle import OrderSettlement
from domain.payments.store import OrderStore, SubscriptionStore
from tests.payments.shop import Shop, sales_with
from tests.payments.stripe_shapes import session, subscription

MONTH = 30 * 86_400


async def test_an_order_keeps_what_it_was_sold_for(shop: Shop) -> None:
    person = await shop.world.person()
    order = await shop.sales.buy_credits(person, "pack-5000", None)
    item = order.item
    assert (item.kind, item.id, item.credits) == (OrderKind.PACK, "pack-5000", 5000)
    assert (item.amount_cents, item.currency) == (1200, "usd")
    assert (order.status, order.owner_id) == (OrderStatus.OPEN, person.account_id)
    assert order.checkout_url is not None


async def test_the_same_key_is_the_same_order_and_address(shop: Shop) -> None:
    person = await shop.world.person()
    orders = await asyncio.gather(*(shop.sales.buy_credits(person, "pack-1000", "key") for _ in range(10)))
    assert len({(order.id, order.checkout_url) for order in orders}) == 1
    assert len(await shop.world.documents("payment_orders")) == 1


async def test_without_a_key_every_call_is_an_order(shop: Shop) -> None:
    person = await shop.world.person()
    first, second = [await shop.sales.buy_credits(person, "pack-1000", None) for _ in range(2)]
    assert first.id != second.id


@pytest.mark.parametrize("other", ["pack-5000", "creator"])
async def test_a_key_stands_for_one_input(shop: Shop, other: str) -> None:
    person = await shop.world.person()
    await shop.sales.buy_credits(person, "pack-1000", "key")
    buy = shop.sales.buy_credits if other.startswith("pack") else shop.sales.subscribe
    with pytest.raises(IdempotencyConflict):
        await buy(person, other, "key")
    assert len(await shop.world.documents("payment_orders")) == 1


async def test_after_an_outage_the_same_key_goes_on_with_its_order(shop: Shop) -> None:
    person = await shop.world.person()
    shop.gateway.failure = DependencyUnavailable("Stripe", "down")
    with pytest.raises(DependencyUnavailable):
        await shop.sales.buy_credits(person, "pack-1000", "key")
    # an order without a checkout is not shown
    assert (await shop.sales.orders(person, PageRequest())).items == []
    shop.gateway.failure = None
    order = await shop.sales.buy_credits(person, "pack-1000", "key")
    assert shop.gateway.asked == [f"open {order.id}"] * 2
    assert [each.id for each in (await shop.sales.orders(person, PageRequest())).items] == [order.id]


@pytest.mark.parametrize("plan_id", ["free", "golden", ""])
async def test_only_plans_with_a_price_are_sold(shop: Shop, plan_id: str) -> None:
    person = await shop.world.person()
    with pytest.raises(ValidationFailed) as refused:
        await shop.sales.subscribe(person, plan_id, None)
    assert [issue.path for issue in refused.value.issues] == ["planKey"]


async def test_all_that_is_wrong_is_told_at_once(shop: Shop) -> None:
    person = await shop.world.person()
    with pytest.raises(ValidationFailed) as refused:
        await shop.sales.buy_credits(person, "golden", "")
    assert [issue.path for issue in refused.value.issues] == ["idempotencyKey", "packKey"]
    assert await shop.world.documents("payment_orders") == []


async def test_nobody_buys_without_an_account(shop: Shop) -> None:
    with pytest.raises(Unauthenticated):
        await shop.sales.buy_credits(ANONYMOUS, "pack-1000", None)
    with pytest.raises(Unauthenticated):
        await shop.sales.subscribe(ANONYMOUS, "creator", None)
    with pytest.raises(Unauthenticated):
        await shop.sales.portal_url(ANONYMOUS, PortalPage.OVERVIEW)
    assert await shop.world.documents("payment_orders") == []


async def test_without_a_gateway_nothing_is_sold_and_no_webhook_taken(shop: Shop) -> None:
    person, sales = await shop.world.person(), sales_with(shop.world, None)
    with pytest.raises(PaymentsNotSetUp):
        await sales.buy_credits(person, "pack-1000", None)
    with pytest.raises(PaymentsNotSetUp):
        await sales.subscribe(person, "creator", None)
    with pytest.raises(PaymentsNotSetUp):
        await sales.portal_url(person, PortalPage.OVERVIEW)
    closed = PaymentEvents(OrderStore(), SubscriptionStore(), shop.world.get(OrderSettlement), None)
    with pytest.raises(PaymentsNotSetUp):
        await closed.receive(b"{}", "")
    assert await shop.world.documents("payment_orders") == []


async def test_a_second_subscription_is_refused(shop: Shop) -> None:
    person = await shop.world.person()
    order = await shop.sales.subscribe(person, "creator", "first")
    active = subscription("sub_1", order.id, "active", shop.now + MONTH)
    await shop.send("customer.subscription.created", active)
    for plan_id in ("creator", "studio"):
        with pytest.raises(AlreadySubscribed) as refused:
            await shop.sales.subscribe(person, plan_id, None)
        assert refused.value.plan_id == "creator"
    # the first call may still be repeated
    assert (await shop.sales.subscribe(person, "creator", "first")).id == order.id
    # and when the subscription has ended, a new one may begin
    ended = subscription("sub_1", order.id, "canceled", shop.now + MONTH)
    await shop.send("customer.subscription.deleted", ended, "evt_2")
    assert (await shop.sales.subscribe(person, "studio", None)).id != order.id


async def test_a_new_checkout_of_a_plan_closes_the_one_before(shop: Shop) -> None:
    person = await shop.world.person()
    first = await shop.sales.subscribe(person, "creator", None)
    second = await shop.sales.subscribe(person, "studio", None)
    assert (await shop.order(first.id)).status is OrderStatus.EXPIRED
    assert (await shop.order(second.id)).status is OrderStatus.OPEN


async def test_a_plan_that_was_paid_but_not_heard_of_is_not_sold_again(shop: Shop) -> None:
    person = await shop.world.person()
    order = await shop.sales.subscribe(person, "creator", None)
    paid = session(order.id, mode="subscription", subscription="sub_1", payment_intent=None)
    await shop.send("checkout.session.completed", paid)
    with pytest.raises(AlreadySubscribed):
        await shop.sales.subscribe(person, "creator", None)


async def test_the_portal_is_for_customers(shop: Shop) -> None:
    person = await shop.world.person()
    with pytest.raises(NoBillingAccount):
        await shop.sales.portal_url(person, PortalPage.OVERVIEW)
    order = await shop.sales.buy_credits(person, "pack-1000", None)
    await shop.send("checkout.session.completed", session(order.id))
    assert await shop.sales.portal_url(person, PortalPage.OVERVIEW)
    assert shop.gateway.asked[-1] == "portal cus_1"
    # who is known is not asked for an address again
    assert (await shop.sales.buy_credits(person, "pack-1000", None)).facts.customer_id == "cus_1"


async def test_orders_are_seen_by_their_owner_only(shop: Shop) -> None:
    ada, bob = await shop.world.person(), await shop.world.person("Bob")
    order = await shop.sales.buy_credits(ada, "pack-1000", None)
    assert (await shop.sales.orders(bob, PageRequest())).items == []
    assert await shop.sales.orders_by_id(bob, [order.id]) == {}
    assert list(await shop.sales.orders_by_id(ada, [order.id])) == [order.id]
