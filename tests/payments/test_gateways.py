"""What both gateways promise: Stripe's against a stand-in for its API, and the test gateway."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.jose_tokens import JoseTokenSigner
from adapters.payments.sandbox_gateway import SandboxGateway
from adapters.payments.stripe_gateway import StripeAccount, open_stripe
from domain.kit.errors import DependencyUnavailable
from domain.kit.ids import new_id
from domain.kit.trust.credentials import KeyRing
from domain.payments.errors import PaymentsNotSetUp
from domain.payments.events import (
    Change,
    CheckoutChanged,
    CheckoutOutcome,
    InvoiceFailed,
    InvoicePaid,
    PaymentDisputed,
    PaymentRefunded,
    SubscriptionChanged,
    Unhandled,
)
from domain.payments.gateway import Delivery, InvalidSignature, PaymentGateway, PortalPage
from domain.payments.model import (
    Item,
    Order,
    OrderFacts,
    OrderKind,
    PaidPeriod,
    Subscription,
    SubscriptionState,
    SubscriptionStatus,
)
from tests.contracts.closed_port import closed_address
from tests.payments import stripe_shapes as shapes
from tests.payments.stripe_server import KEY, StripeServer, open_stripe_server
from tests.world import TurnableClock

# Stripe's SDK hands its forms to httpx by a parameter that httpx deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

SECRET = "whsec_contract"
PACK = Item(OrderKind.PACK, "pack-1000", "1,000 credits", 1000, 300, "eur")
PLAN = Item(OrderKind.PLAN, "creator", "Creator", 10_000, 1200, "eur")
CREATED = datetime(2026, 11, 21, 12, tzinfo=UTC)
SOON = 1_800_000_000


@dataclass(frozen=True)
class Till:
    """A gateway, with the server behind it where there is one."""

    gateway: PaymentGateway
    clock: TurnableClock

    def read(self, kind: str, about: dict[str, Any]) -> Change:
        at = shapes.seconds(self.clock.now())
        payload = shapes.event(kind, about, at)
        return self.gateway.read_event(payload, shapes.signed(payload, SECRET, at)).change


@pytest.fixture
async def server() -> AsyncGenerator[StripeServer, None]:
    async with open_stripe_server() as opened:
        yield opened


def account(server: StripeServer) -> StripeAccount:
    prices = {"creator": "price_test_creator", "studio": "price_test_studio"}
    return StripeAccount(KEY, SECRET, prices, "https://cadenza.example/billing?from=stripe", server.url)


def sandbox(clock: TurnableClock) -> SandboxGateway:
    signer = JoseTokenSigner(KeyRing.of("a secret of thirty-two characters"), clock)
    return SandboxGateway(signer, clock, SECRET, "http://cadenza.example")


@pytest.fixture(params=["stripe", "test"])
async def till(request: pytest.FixtureRequest, server: StripeServer) -> AsyncGenerator[Till, None]:
    clock = TurnableClock()
    if request.param == "test":
        yield Till(sandbox(clock), clock)
        return
    async with open_stripe(account(server), clock) as gateway:
        yield Till(gateway, clock)


@pytest.fixture
async def stripe(server: StripeServer) -> AsyncGenerator[PaymentGateway, None]:
    async with open_stripe(account(server), TurnableClock()) as gateway:
        yield gateway


def an_order(item: Item = PACK, **facts: Any) -> Order:
    return Order(new_id(), new_id(), item, CREATED, OrderFacts(**facts))


@pytest.mark.parametrize("item", [PACK, PLAN], ids=["pack", "plan"])
async def test_an_order_has_one_checkout_however_often_it_is_opened(till: Till, item: Item) -> None:
    order = replace(an_order(item), created_at=till.clock.now())
    first = await till.gateway.open_checkout(order, "ada@cadenza.example")
    assert await till.gateway.open_checkout(order, "ada@cadenza.example") == first
    assert first.url.startswith("http")
    other = await till.gateway.open_checkout(replace(order, id=new_id()), "ada@cadenza.example")
    assert other.id != first.id
    assert other.url != first.url


async def test_a_checkout_that_nobody_paid_is_closed(till: Till) -> None:
    order = replace(an_order(PLAN), created_at=till.clock.now())
    checkout = await till.gateway.open_checkout(order, "ada@cadenza.example")
    for _ in range(2):
        closed = await till.gateway.close_checkout(checkout.id)
        assert (closed.order_id, closed.outcome) == (order.id, CheckoutOutcome.EXPIRED)


@pytest.mark.parametrize("page", PortalPage)
async def test_the_portal_has_an_address(till: Till, page: PortalPage) -> None:
    assert (await till.gateway.open_portal("cus_1", page, "sub_1")).startswith("http")


async def test_what_the_gateway_does_not_know_is_nothing(till: Till) -> None:
    assert await till.gateway.subscription("sub_unknown") is None
    assert await till.gateway.order_of_payment("pi_unknown") is None


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def state(status: SubscriptionStatus, plan_id: str | None = "creator", *, ends: bool = False) -> SubscriptionState:
    return SubscriptionState("sub_1", "order", "cus_1", plan_id, status, moment(SOON), ends)


def checkout(outcome: CheckoutOutcome, payment_id: str | None = "pi_test_order") -> CheckoutChanged:
    return CheckoutChanged("order", "cs_test_order", outcome, payment_id, "cus_1", None)


def subscription(status: str, price: str = "price_test_creator", **fields: Any) -> dict[str, Any]:
    return shapes.subscription("sub_1", "order", status, SOON, price, **fields)


LINES = [shapes.line(SOON - 9, SOON, proration=True), shapes.line(SOON, SOON + 9, "price_test_studio")]
UNPAID = shapes.session("order", payment_status="unpaid")
EXPANDED = {**subscription("active"), "customer": {"id": "cus_1", "object": "customer"}}

READINGS: list[tuple[str, dict[str, Any], Change]] = [
    ("checkout.session.completed", shapes.session("order"), checkout(CheckoutOutcome.PAID)),
    ("checkout.session.completed", UNPAID, checkout(CheckoutOutcome.SUBMITTED)),
    ("checkout.session.async_payment_succeeded", shapes.session("order"), checkout(CheckoutOutcome.PAID)),
    ("checkout.session.async_payment_failed", UNPAID, checkout(CheckoutOutcome.FAILED)),
    (
        "checkout.session.expired",
        shapes.session("order", "expired", "unpaid", payment_intent=None),
        checkout(CheckoutOutcome.EXPIRED, None),
    ),
    ("charge.refunded", shapes.charge("order", 60), PaymentRefunded("order", "pi_test_order", 300, 60)),
    ("charge.dispute.created", shapes.dispute("order", 90), PaymentDisputed("dp_1", "pi_test_order", 90)),
    (
        "invoice.paid",
        shapes.invoice("in_1", "sub_1", "order", LINES),
        InvoicePaid("sub_1", "order", "studio", "cus_1", PaidPeriod(moment(SOON), moment(SOON + 9), "in_1")),
    ),
    ("invoice.payment_failed", shapes.invoice("in_1", "sub_1", "order", LINES), InvoiceFailed("sub_1")),
    (
        "customer.subscription.created",
        subscription("incomplete"),
        SubscriptionChanged(state(SubscriptionStatus.INCOMPLETE)),
    ),
    ("customer.subscription.updated", EXPANDED, SubscriptionChanged(state(SubscriptionStatus.ACTIVE))),
    (
        "customer.subscription.updated",
        subscription("past_due", "elsewhere", cancel_at_period_end=True),
        SubscriptionChanged(state(SubscriptionStatus.PAST_DUE, None, ends=True)),
    ),
    (
        "customer.subscription.deleted",
        subscription("canceled"),
        SubscriptionChanged(state(SubscriptionStatus.CANCELED)),
    ),
    ("customer.created", {"id": "cus_1"}, Unhandled("customer.created")),
]


@pytest.mark.parametrize(
    "kind, about, expected", READINGS, ids=[f"{n}-{kind}" for n, (kind, _, _) in enumerate(READINGS)]
)
async def test_events_are_read_into_our_own_words(
    till: Till, kind: str, about: dict[str, Any], expected: Change
) -> None:
    assert till.read(kind, about) == expected


async def test_a_genuine_event_in_an_unknown_form_is_not_taken(till: Till) -> None:
    with pytest.raises(ValueError, match="amount_refunded"):
        till.read("charge.refunded", {"id": "ch_1", "amount": 300})
    with pytest.raises(ValueError, match="status"):
        till.read("customer.subscription.updated", subscription("dreaming"))


async def test_an_unsigned_event_is_refused(till: Till) -> None:
    payload = shapes.event("charge.refunded", shapes.charge("order", 60), SOON)
    with pytest.raises(InvalidSignature):
        till.gateway.read_event(payload, "")


async def test_stripe_is_told_what_is_bought_for_which_order(stripe: PaymentGateway, server: StripeServer) -> None:
    order = an_order()
    opened = await stripe.open_checkout(order, "ada@cadenza.example")
    assert opened.url == f"{server.url}/pay/cs_test_{order.id}"
    back = f"https://cadenza.example/billing?from=stripe&order={order.id}&outcome="
    assert server.sent == {
        "mode": "payment",
        "client_reference_id": order.id,
        "metadata[order_id]": order.id,
        "payment_intent_data[metadata][order_id]": order.id,
        "customer_email": "ada@cadenza.example",
        "customer_creation": "always",
        "adaptive_pricing[enabled]": "false",
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": "eur",
        "line_items[0][price_data][unit_amount]": "300",
        "line_items[0][price_data][product_data][name]": "1,000 credits",
        "success_url": f"{back}paid",
        "cancel_url": f"{back}canceled",
        "expires_at": str(shapes.seconds(CREATED + timedelta(hours=23))),
    }


async def test_a_plan_is_sold_at_its_price_to_the_customer_that_is_known(
    stripe: PaymentGateway, server: StripeServer
) -> None:
    order = an_order(PLAN, customer_id="cus_7")
    await stripe.open_checkout(order, "ada@cadenza.example")
    sent = server.sent
    assert (sent["mode"], sent["customer"], sent["line_items[0][price]"]) == (
        "subscription",
        "cus_7",
        "price_test_creator",
    )
    assert sent["subscription_data[metadata][order_id]"] == order.id
    assert {"customer_email", "customer_creation", "line_items[0][price_data][currency]"}.isdisjoint(sent)


async def test_a_plan_without_a_price_is_not_sold(stripe: PaymentGateway, server: StripeServer) -> None:
    with pytest.raises(PaymentsNotSetUp, match="not set up"):
        await stripe.open_checkout(an_order(replace(PLAN, id="golden")), "ada@cadenza.example")
    assert server.requests == []


@pytest.mark.parametrize(
    "page, flow",
    [
        (PortalPage.OVERVIEW, {}),
        (PortalPage.PAYMENT_METHOD, {"flow_data[type]": "payment_method_update"}),
        (
            PortalPage.CANCELATION,
            {"flow_data[type]": "subscription_cancel", "flow_data[subscription_cancel][subscription]": "sub_1"},
        ),
    ],
)
async def test_the_portal_begins_where_it_is_wanted(
    stripe: PaymentGateway, server: StripeServer, page: PortalPage, flow: dict[str, str]
) -> None:
    await stripe.open_portal("cus_1", page, "sub_1")
    return_url = "https://cadenza.example/billing?from=stripe"
    assert server.sent == {"customer": "cus_1", "return_url": return_url, **flow}


async def test_a_checkout_that_was_paid_meanwhile_tells_so(stripe: PaymentGateway, server: StripeServer) -> None:
    order = an_order(PLAN)
    opened = await stripe.open_checkout(order, "ada@cadenza.example")
    server.sessions[opened.id] |= {"status": "complete", "payment_status": "paid", "subscription": "sub_1"}
    closed = await stripe.close_checkout(opened.id)
    assert closed == CheckoutChanged(order.id, opened.id, CheckoutOutcome.PAID, None, None, "sub_1")


async def test_stripe_is_asked_how_things_stand(stripe: PaymentGateway, server: StripeServer) -> None:
    server.subscriptions["sub_1"] = subscription("active")
    server.payments["pi_1"] = {"id": "pi_1", "object": "payment_intent", "metadata": {"order_id": "order"}}
    server.payments["pi_2"] = {"id": "pi_2", "object": "payment_intent", "metadata": {}}
    assert await stripe.subscription("sub_1") == state(SubscriptionStatus.ACTIVE)
    assert await stripe.order_of_payment("pi_1") == "order"
    assert await stripe.order_of_payment("pi_2") is None


async def test_a_hiccup_is_tried_again_under_the_same_key(stripe: PaymentGateway, server: StripeServer) -> None:
    server.failures = [500, 503]
    opened = await stripe.open_checkout(an_order(), "ada@cadenza.example")
    assert len(server.requests) == 3
    assert list(server.sessions) == [opened.id]


CALLS: list[Callable[[PaymentGateway], Any]] = [
    lambda gateway: gateway.open_checkout(an_order(), "ada@cadenza.example"),
    lambda gateway: gateway.close_checkout("cs_1"),
    lambda gateway: gateway.open_portal("cus_1", PortalPage.OVERVIEW, None),
    lambda gateway: gateway.subscription("sub_1"),
    lambda gateway: gateway.order_of_payment("pi_1"),
]


@pytest.mark.parametrize("call", CALLS, ids=["open", "close", "portal", "subscription", "payment"])
async def test_an_outage_is_told_as_one(server: StripeServer, call: Callable[[PaymentGateway], Any]) -> None:
    away = replace(account(server), api_url=f"http://{closed_address()}")
    async with open_stripe(away, TurnableClock()) as gateway:
        with pytest.raises(DependencyUnavailable) as failure:
            await call(gateway)
    assert failure.value.dependency == "Stripe"


@pytest.mark.parametrize("call", CALLS, ids=["open", "close", "portal", "subscription", "payment"])
async def test_a_refused_key_means_that_payments_are_not_set_up(
    server: StripeServer, call: Callable[[PaymentGateway], Any]
) -> None:
    async with open_stripe(replace(account(server), key="sk_test_wrong"), TurnableClock()) as gateway:
        with pytest.raises(PaymentsNotSetUp):
            await call(gateway)


def test_no_secret_stands_in_a_log(server: StripeServer) -> None:
    assert KEY not in repr(account(server))
    assert SECRET not in repr(account(server))


async def test_the_test_gateway_speaks_in_stripes_shapes_that_its_own_reader_takes() -> None:
    clock = TurnableClock()
    gateway = sandbox(clock)
    order = replace(an_order(PLAN), created_at=clock.now())
    changes = [read(gateway, delivery) for delivery in gateway.pay(order)]
    begun, completed, invoice = changes
    assert isinstance(begun, SubscriptionChanged)
    assert isinstance(completed, CheckoutChanged)
    assert isinstance(invoice, InvoicePaid)
    assert begun.state.subscription_id == completed.subscription_id == invoice.subscription_id
    assert begun.state.plan_id == invoice.plan_id == "creator"
    assert begun.state.period_end == invoice.period.end
    assert invoice.period.end - invoice.period.start == timedelta(days=30)
    # and the same click gives the same events
    assert [one.payload for one in gateway.refund(order)] == [one.payload for one in gateway.refund(order)]


def read(gateway: SandboxGateway, delivery: Delivery) -> Change:
    return gateway.read_event(delivery.payload, delivery.signature).change


def test_a_renewal_begins_where_the_last_period_ended() -> None:
    gateway = sandbox(TurnableClock())
    end = moment(SOON)
    status = SubscriptionStatus.ACTIVE
    known = Subscription("sub_1", "ada", "order", "creator", "cus_1", status, end, False, CREATED)
    invoice, updated = (read(gateway, delivery) for delivery in gateway.renew(known))
    assert isinstance(invoice, InvoicePaid)
    assert isinstance(updated, SubscriptionChanged)
    assert (invoice.period.start, invoice.period.end) == (end, end + timedelta(days=30))
    assert updated.state.period_end == end + timedelta(days=30)
