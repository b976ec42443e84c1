"""Orders and subscriptions converge to one state and one ledger, whatever the order of what is heard."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.credits.services.ledger import CreditLedger
from domain.credits.services.wallets import CreditWallets
from domain.kit.caller import Caller
from domain.kit.errors import DependencyUnavailable
from domain.kit.ids import new_id
from domain.kit.transactions import Session
from domain.payments.events import CheckoutChanged, CheckoutOutcome
from domain.payments.model import (
    Order,
    OrderFacts,
    OrderStatus,
    SubscriptionState,
    SubscriptionStatus,
    joined,
)
from domain.payments.services.receive import PaymentEvents
from domain.payments.services.settle import OrderSettlement, facts_of
from domain.payments.store import OrderStore, SeenEventStore, SubscriptionStore
from tests.credits.audit import audit_books
from tests.payments.shop import Shop
from tests.payments.stripe_shapes import charge, dispute, invoice, line, session, subscription

MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
DAY = 86_400


@dataclass(frozen=True)
class Told:
    """An event about an order, by what Stripe calls it."""

    name: str
    kind: str
    about: dict[str, Any]


def order_story(order_id: str) -> list[Told]:
    """More than could happen to one order: everything that can be said of it."""
    unpaid = session(order_id, payment_status="unpaid")
    return [
        Told("submitted", "checkout.session.completed", unpaid),
        Told("paid", "checkout.session.completed", session(order_id)),
        Told("paid_later", "checkout.session.async_payment_succeeded", session(order_id)),
        Told("failed", "checkout.session.async_payment_failed", unpaid),
        Told("expired", "checkout.session.expired", session(order_id, "expired", "unpaid", payment_intent=None)),
        Told("refund_60", "charge.refunded", charge(order_id, 60)),
        Told("refund_120", "charge.refunded", charge(order_id, 120, is_named=False)),
        Told("dispute", "charge.dispute.created", dispute(order_id, 90)),
    ]


STORIES = st.lists(st.tuples(st.integers(0, 7), st.booleans()), min_size=1, max_size=12)


def expected_facts(order: Order, told: Sequence[Told]) -> OrderFacts:
    """The facts by the rules of the model alone, in the order of the names."""
    facts = [order.facts]
    for each in sorted(told, key=lambda told: told.name):
        about = each.about
        if each.kind == "charge.refunded":
            facts.append(OrderFacts(payment_id=about["payment_intent"], refunded_cents=about["amount_refunded"]))
        elif each.kind == "charge.dispute.created":
            facts.append(OrderFacts(payment_id=about["payment_intent"], disputed_cents={"dp_1": about["amount"]}))
        else:
            outcome = {
                "submitted": CheckoutOutcome.SUBMITTED,
                "failed": CheckoutOutcome.FAILED,
                "expired": CheckoutOutcome.EXPIRED,
            }.get(each.name, CheckoutOutcome.PAID)
            ids = (about["payment_intent"], about["customer"])
            facts.append(facts_of(CheckoutChanged(order.id, about["id"], outcome, *ids)))
    return reduce(joined, facts)


@MANY
@given(story=STORIES)
async def test_any_story_of_an_order_ends_the_same(shop: Shop, story: list[tuple[int, bool]]) -> None:
    # given an order and events in any order, some of them twice, under the same id or another
    person = await shop.world.person()
    order = await shop.sales.buy_credits(person, "pack-1000", None)
    events = order_story(order.id)
    for number, (index, is_same_id) in enumerate(story):
        told = events[index]
        await shop.send(told.kind, told.about, f"evt_{order.id}_{told.name}" + ("" if is_same_id else f"_{number}"))
    # then the order is what all of them together say
    after = await shop.order(order.id)
    assert after.facts == expected_facts(order, [events[index] for index, _ in story])
    # and the ledger has followed it
    credits = 1000 - after.credits_for(after.returned_cents) if after.is_paid else 0
    assert (await shop.wallet(person)).pack_credits == credits
    assert (after.credited, after.taken_back_cents) == (after.is_paid, after.returned_cents)
    assert [kind for kind, _ in await shop.transfers(person)].count("PURCHASE") == int(after.is_paid)


async def test_the_ledgers_of_all_stories_add_up(shop: Shop) -> None:
    person = await shop.world.person()
    order = await shop.sales.buy_credits(person, "pack-1000", None)
    for told in order_story(order.id):
        await shop.send(told.kind, told.about, f"evt_{told.name}")
    assert await shop.transfers(person) == [
        ("PURCHASE", f"purchase:{order.id}"),
        ("TAKE_BACK", f"refund:{order.id}:60"),
        ("TAKE_BACK", f"refund:{order.id}:120"),
        ("TAKE_BACK", f"refund:{order.id}:210"),
    ]
    assert await audit_books(shop.world.client[shop.world.database]) == []


async def test_a_refund_before_the_payment_is_a_paid_order(shop: Shop) -> None:
    person = await shop.world.person()
    order = await shop.sales.buy_credits(person, "pack-1000", None)
    await shop.send("charge.refunded", charge(order.id, 300), "evt_refund")
    assert (await shop.order(order.id)).status is OrderStatus.REFUNDED
    assert (await shop.wallet(person)).pack_credits == 0
    await shop.send("checkout.session.completed", session(order.id), "evt_paid")
    assert (await shop.order(order.id)).status is OrderStatus.REFUNDED
    assert (await shop.wallet(person)).pack_credits == 0


async def test_a_refund_in_another_currency_or_with_tax_counts_pro_rata(shop: Shop) -> None:
    person = await shop.world.person()
    order = await shop.sales.buy_credits(person, "pack-1000", None)
    await shop.send("charge.refunded", charge(order.id, 180, amount=360), "evt_refund")
    assert (await shop.order(order.id)).returned_cents == 150
    assert (await shop.wallet(person)).pack_credits == 500


async def test_20_deliveries_at_once_are_one_purchase(shop: Shop) -> None:
    person = await shop.world.person()
    order = await shop.sales.buy_credits(person, "pack-1000", None)
    await asyncio.gather(*(shop.send("checkout.session.completed", session(order.id)) for _ in range(20)))
    assert (await shop.wallet(person)).pack_credits == 1000
    assert await shop.transfers(person) == [("PURCHASE", f"purchase:{order.id}")]
    assert len(await shop.world.documents("payment_events")) == 1


async def test_20_different_events_at_once_are_one_purchase(shop: Shop) -> None:
    person = await shop.world.person()
    order = await shop.sales.buy_credits(person, "pack-1000", None)
    paid = session(order.id)
    await asyncio.gather(*(shop.send("checkout.session.completed", paid, f"evt_{n}") for n in range(20)))
    assert await shop.transfers(person) == [("PURCHASE", f"purchase:{order.id}")]


class Crash(Exception):
    """The program died here."""


class CrashingOrders(OrderStore):
    """Dies once after the merge: the ledger was not asked yet, or has just been."""

    def __init__(self, point: str) -> None:
        self.point = point

    async def lock(self, order_id: str, session: Session) -> Order | None:
        found = await super().lock(order_id, session)
        self._crash_at("before the ledger")
        return found

    async def save(self, order: Order, session: Session) -> None:
        self._crash_at("after the ledger")
        await super().save(order, session)
        self._crash_at("before the event is noted")

    def _crash_at(self, point: str) -> None:
        if self.point == point:
            self.point = ""
            raise Crash()


@pytest.mark.parametrize("point", ["before the ledger", "after the ledger", "before the event is noted"])
async def test_after_a_crash_between_merge_and_ledger_the_next_delivery_does_it_all(shop: Shop, point: str) -> None:
    # given a program that dies in the middle of an event
    person, world = await shop.world.person(), shop.world
    order = await shop.sales.buy_credits(person, "pack-1000", None)
    orders = CrashingOrders(point)
    settlement = OrderSettlement(
        orders,
        SubscriptionStore(),
        SeenEventStore(),
        world.get(CreditLedger),
        world.get(CreditWallets),
        world.kit.transactions,
        world.kit.clock,
    )
    crashing = Shop(
        world, shop.gateway, PaymentEvents(orders, SubscriptionStore(), settlement, shop.gateway), shop.sales
    )
    with pytest.raises(Crash):
        await crashing.send("checkout.session.completed", session(order.id))
    # then nothing has happened
    assert await shop.order(order.id) == order
    assert await shop.transfers(person) == []
    assert await world.documents("payment_events") == []
    # when it is sent again, everything does
    await crashing.send("checkout.session.completed", session(order.id))
    assert (await shop.order(order.id)).status is OrderStatus.PAID
    assert (await shop.wallet(person)).pack_credits == 1000


async def test_an_event_whose_order_has_to_be_asked_for_waits_for_the_gateway(shop: Shop) -> None:
    person = await shop.world.person()
    order = await shop.sales.buy_credits(person, "pack-1000", None)
    shop.gateway.failure = DependencyUnavailable("Stripe", "down")
    with pytest.raises(DependencyUnavailable):
        await shop.send("charge.dispute.created", dispute(order.id, 300))
    assert (await shop.order(order.id)).status is OrderStatus.OPEN
    shop.gateway.failure = None
    await shop.send("charge.dispute.created", dispute(order.id, 300))
    assert (await shop.order(order.id)).status is OrderStatus.REFUNDED


@pytest.mark.parametrize(
    "kind, about",
    [
        ("checkout.session.completed", session(None)),
        ("checkout.session.completed", session(new_id())),
        ("charge.refunded", {**charge("x", 10), "metadata": {}, "payment_intent": None}),
        ("charge.dispute.created", dispute("nobody's", 10)),
        ("customer.subscription.updated", subscription("sub_9", None, "active", 1_800_000_000)),
        ("invoice.paid", invoice("in_9", "sub_9", None, [line(1_790_000_000, 1_800_000_000)])),
        ("invoice.payment_failed", invoice("in_9", "sub_9", None, [])),
        ("invoice.paid", invoice("in_9", None, None, [])),
        ("customer.created", {"id": "cus_9", "object": "customer"}),
    ],
)
async def test_what_is_not_ours_is_taken_without_effect(shop: Shop, kind: str, about: dict[str, Any]) -> None:
    await shop.send(kind, about)
    for collection in ("payment_orders", "payment_subscriptions", "credit_transfers"):
        assert await shop.world.documents(collection) == []


def plan_story(order_id: str, id: str, zero: int) -> list[tuple[str, str, int, dict[str, Any]]]:
    """(name, kind, created, object) of two paid periods, a failed payment and the end. Two are of one second."""
    first, second, third = zero, zero + 30 * DAY, zero + 60 * DAY

    def told(status: str, period_end: int) -> dict[str, Any]:
        return subscription(id, order_id, status, period_end)

    return [
        ("created", "customer.subscription.created", first, told("incomplete", second)),
        ("active", "customer.subscription.updated", first, told("active", second)),
        ("paid_1", "invoice.paid", first, invoice(f"in_1_{id}", id, order_id, [line(first, second)])),
        ("past_due", "customer.subscription.updated", second + 5, told("past_due", third)),
        ("failed", "invoice.payment_failed", second + 5, invoice(f"in_2_{id}", id, order_id, [])),
        ("paid_2", "invoice.paid", second + 9, invoice(f"in_2_{id}", id, order_id, [line(second, third)])),
        ("again", "customer.subscription.updated", second + 9, told("active", third)),
        ("deleted", "customer.subscription.deleted", second + 20, told("canceled", third)),
    ]


async def subscribed(shop: Shop) -> tuple[Caller, Order, str]:
    person = await shop.world.person()
    order = await shop.sales.subscribe(person, "creator", None)
    return person, order, f"sub_{new_id()}"


@MANY
@given(data=st.data(), ends=st.booleans())
async def test_any_order_of_a_subscriptions_events_ends_the_same(shop: Shop, data: st.DataObject, ends: bool) -> None:
    # given all events of a subscription, and the gateway that knows how it stands in the end
    person, order, id = await subscribed(shop)
    zero = shop.now
    story = plan_story(order.id, id, zero)[: 8 if ends else 7]
    last = SubscriptionStatus.CANCELED if ends else SubscriptionStatus.ACTIVE
    shop.gateway.current[id] = state_of(order.id, id, last, zero + 60 * DAY)
    repeated = data.draw(st.lists(st.sampled_from(story), max_size=4))
    for name, kind, created, about in data.draw(st.permutations([*story, *repeated])):
        await shop.send(kind, about, f"evt_{id}_{name}", created)
    # then it stands like that here too
    found = await shop.subscription(id)
    assert (found.status, found.plan_id, found.customer_id) == (last, "creator", "cus_1")
    assert found.period_end is not None
    assert found.period_end.timestamp() == zero + 60 * DAY
    # and the wallet has the second period and its credits, once
    assert found.paid_period is not None
    assert found.paid_period.invoice_id == f"in_2_{id}"
    wallet = await shop.wallet(person)
    assert (wallet.plan_id, wallet.plan_credits) == ("creator", 10_000)
    assert wallet.period_end.timestamp() == zero + 60 * DAY


def state_of(order_id: str, id: str, status: SubscriptionStatus, period_end: int) -> SubscriptionState:
    """How the gateway has a subscription at last."""
    end = datetime.fromtimestamp(period_end, UTC)
    return SubscriptionState(id, order_id, "cus_1", "creator", status, end, False)


async def test_only_whole_periods_grant_credits(shop: Shop) -> None:
    person, order, id = await subscribed(shop)
    start, end = shop.now, shop.now + 30 * DAY
    change = [line(start, end, "price_test_studio", proration=True), line(start, end, proration=True)]
    await shop.send("invoice.paid", invoice("in_change", id, order.id, change), "evt_1")
    assert await shop.transfers(person) == []
    renewal = [line(start - 1, start, proration=True), line(start, end, "price_test_studio")]
    await shop.send("invoice.paid", invoice("in_next", id, order.id, renewal), "evt_2")
    wallet = await shop.wallet(person)
    assert (wallet.plan_id, wallet.plan_credits) == ("studio", 40_000)


async def test_an_invoice_that_names_no_order_is_looked_up(shop: Shop) -> None:
    person, order, id = await subscribed(shop)
    paid = invoice("in_1", id, None, [line(shop.now, shop.now + 30 * DAY)])
    shop.gateway.current[id] = state_of(order.id, id, SubscriptionStatus.ACTIVE, shop.now + 30 * DAY)
    await shop.send("invoice.paid", paid)
    assert shop.gateway.asked[-1] == f"subscription {id}"
    assert (await shop.wallet(person)).plan_id == "creator"


async def test_a_late_failure_does_not_wake_what_is_canceled(shop: Shop) -> None:
    _, order, id = await subscribed(shop)
    end = shop.now + 30 * DAY
    await shop.send("customer.subscription.deleted", subscription(id, order.id, "canceled", end), "evt_1", shop.now)
    await shop.send("customer.subscription.updated", subscription(id, order.id, "active", end), "evt_2", shop.now + 9)
    assert (await shop.subscription(id)).status is SubscriptionStatus.CANCELED


async def test_two_events_that_begin_one_subscription_at_once_both_count(shop: Shop) -> None:
    person, order, id = await subscribed(shop)
    now = shop.now
    paid = invoice(f"in_{id}", id, order.id, [line(now, now + 30 * DAY)])
    active = subscription(id, order.id, "active", now + 30 * DAY)
    await asyncio.gather(
        *(shop.send("invoice.paid", paid, "evt_paid") for _ in range(5)),
        *(shop.send("customer.subscription.created", active, "evt_created") for _ in range(5)),
    )
    assert (await shop.subscription(id)).status is SubscriptionStatus.ACTIVE
    assert [kind for kind, _ in await shop.transfers(person)] == ["EXPIRE", "GRANT"]


@pytest.mark.parametrize("first, second", [("incomplete", "active"), ("active", "incomplete")])
async def test_of_two_events_of_one_second_the_gateway_is_asked_which_holds(
    shop: Shop, first: str, second: str
) -> None:
    _, order, id = await subscribed(shop)
    now, end = shop.now, shop.now + 30 * DAY
    shop.gateway.current[id] = state_of(order.id, id, SubscriptionStatus.ACTIVE, end)
    await shop.send("customer.subscription.created", subscription(id, order.id, first, end), "evt_1", now)
    await shop.send("customer.subscription.updated", subscription(id, order.id, second, end), "evt_2", now)
    assert shop.gateway.asked[-1] == f"subscription {id}"
    assert (await shop.subscription(id)).status is SubscriptionStatus.ACTIVE


async def test_after_a_failed_payment_the_gateway_is_asked_what_it_did(shop: Shop) -> None:
    _, order, id = await subscribed(shop)
    now, end = shop.now, shop.now + 30 * DAY
    await shop.send("customer.subscription.created", subscription(id, order.id, "active", end), "evt_1", now)
    shop.gateway.current[id] = state_of(order.id, id, SubscriptionStatus.PAST_DUE, end)
    await shop.send("invoice.payment_failed", invoice("in_1", id, order.id, []), "evt_2", now + 5)
    assert (await shop.subscription(id)).status is SubscriptionStatus.PAST_DUE
