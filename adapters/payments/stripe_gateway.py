"""Stripe Checkout and Billing through the official SDK. People type card data into Stripe's own pages only."""

from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit, urlunsplit

import stripe
import structlog
from stripe import HTTPXClient, StripeClient, StripeError
from stripe.params.billing_portal import SessionCreateParams as PortalParams
from stripe.params.billing_portal import SessionCreateParamsFlowData as PortalFlow
from stripe.params.checkout import SessionCreateParams as CheckoutParams
from stripe.params.checkout import SessionCreateParamsLineItem as LineItem

from adapters.payments.stripe_events import ORDER_ID, StripeEventReader, checkout_of, subscription_of
from domain.kit.clock import Clock
from domain.kit.errors import DependencyUnavailable
from domain.payments.errors import PaymentsNotSetUp
from domain.payments.events import CheckoutChanged, PaymentEvent
from domain.payments.gateway import CHECKOUT_LIFETIME, OpenedCheckout, PortalPage
from domain.payments.model import Order, OrderKind, SubscriptionState

log = structlog.get_logger()

T = TypeVar("T")

# A person waits for these calls: three tries and the pauses between them stay below half a minute.
TIMEOUT_SECONDS = 8.0
RETRIES = 2


@dataclass(frozen=True)
class StripeAccount:
    """`prices` gives the id of a recurring price for each plan that is sold; `api_url` is another than Stripe's own."""

    key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    prices: Mapping[str, str]
    return_url: str
    api_url: str | None = None

    def plan_of(self, price_id: str) -> str | None:
        return next((plan for plan, price in self.prices.items() if price == price_id), None)


class StripeGateway:
    """Retries of the SDK carry idempotency keys, so a lost answer never makes a second checkout."""

    def __init__(self, client: StripeClient, account: StripeAccount, clock: Clock) -> None:
        self._v1 = client.v1
        self._account = account
        self._reader = StripeEventReader(account.webhook_secret, account.plan_of, clock)

    async def open_checkout(self, order: Order, email: str) -> OpenedCheckout:
        params = self._checkout_params(order, email)
        session = await _answered(
            self._v1.checkout.sessions.create_async(params, {"idempotency_key": f"checkout:{order.id}"})
        )
        if session.url is None:
            raise DependencyUnavailable("Stripe", f"the checkout {session.id} has no address")
        return OpenedCheckout(session.id, session.url)

    async def close_checkout(self, checkout_id: str) -> CheckoutChanged:
        sessions = self._v1.checkout.sessions
        try:
            session = await _answered(sessions.expire_async(checkout_id), is_refusal_told=True)
        except stripe.InvalidRequestError:
            session = await _answered(sessions.retrieve_async(checkout_id))
        return checkout_of(session.to_dict())

    async def open_portal(self, customer_id: str, page: PortalPage, subscription_id: str | None) -> str:
        params: PortalParams = {"customer": customer_id, "return_url": self._account.return_url}
        if (flow := _portal_flow(page, subscription_id)) is not None:
            params["flow_data"] = flow
        session = await _answered(self._v1.billing_portal.sessions.create_async(params))
        return session.url

    def read_event(self, payload: bytes, signature: str) -> PaymentEvent:
        return self._reader.read(payload, signature)

    async def subscription(self, subscription_id: str) -> SubscriptionState | None:
        try:
            found = await _answered(self._v1.subscriptions.retrieve_async(subscription_id), is_refusal_told=True)
        except stripe.InvalidRequestError as error:
            _check_missing(error)
            return None
        return subscription_of(found.to_dict(), self._account.plan_of)

    async def order_of_payment(self, payment_id: str) -> str | None:
        try:
            found = await _answered(self._v1.payment_intents.retrieve_async(payment_id), is_refusal_told=True)
        except stripe.InvalidRequestError as error:
            _check_missing(error)
            return None
        order_id: str | None = found.metadata.to_dict().get(ORDER_ID)
        return order_id

    def _checkout_params(self, order: Order, email: str) -> CheckoutParams:
        metadata = {ORDER_ID: order.id}
        params: CheckoutParams = {
            "client_reference_id": order.id,
            "metadata": metadata,
            "line_items": [self._line_item(order)],
            "success_url": self._return_url(order, "paid"),
            "cancel_url": self._return_url(order, "canceled"),
            "expires_at": int((order.created_at + CHECKOUT_LIFETIME).timestamp()),
        }
        if order.facts.customer_id is not None:
            params["customer"] = order.facts.customer_id
        else:
            params["customer_email"] = email
        if order.item.kind is OrderKind.PLAN:
            return {**params, "mode": "subscription", "subscription_data": {"metadata": metadata}}
        if order.facts.customer_id is None:
            params["customer_creation"] = "always"
        return {
            **params,
            "mode": "payment",
            "payment_intent_data": {"metadata": metadata},
            "adaptive_pricing": {"enabled": False},
        }

    def _line_item(self, order: Order) -> LineItem:
        item = order.item
        if item.kind is OrderKind.PLAN:
            if item.id not in self._account.prices:
                log.error("plan_without_price", plan_id=item.id)
                raise PaymentsNotSetUp(f"CADENZA_PAYMENTS_STRIPE_PRICES has no price for the plan {item.id!r}")
            return {"price": self._account.prices[item.id], "quantity": 1}
        return {
            "price_data": {
                "currency": item.currency,
                "unit_amount": item.amount_cents,
                "product_data": {"name": item.name},
            },
            "quantity": 1,
        }

    def _return_url(self, order: Order, outcome: str) -> str:
        parts = urlsplit(self._account.return_url)
        query = "&".join(filter(None, [parts.query, urlencode({"order": order.id, "outcome": outcome})]))
        return urlunsplit(parts._replace(query=query))


@asynccontextmanager
async def open_stripe(account: StripeAccount, clock: Clock) -> AsyncGenerator[StripeGateway, None]:
    """A gateway with a connection pool of its own; nothing global is set."""
    http: Any = HTTPXClient(timeout=TIMEOUT_SECONDS)
    client = StripeClient(
        account.key,
        http_client=http,
        max_network_retries=RETRIES,
        base_addresses={"api": account.api_url} if account.api_url else None,
    )
    try:
        yield StripeGateway(client, account, clock)
    finally:
        await http.close_async()


def _portal_flow(page: PortalPage, subscription_id: str | None) -> PortalFlow | None:
    if page is PortalPage.PAYMENT_METHOD:
        return {"type": "payment_method_update"}
    if page is PortalPage.CANCELATION and subscription_id is not None:
        return {"type": "subscription_cancel", "subscription_cancel": {"subscription": subscription_id}}
    return None


async def _answered(call: Awaitable[T], *, is_refusal_told: bool = False) -> T:
    """What Stripe answers. Raises `PaymentsNotSetUp` for a key that it does not take, else `DependencyUnavailable`.

    `is_refusal_told` leaves the refusal of a request itself to the caller.
    """
    try:
        return await call
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        log.error("stripe_key_refused", detail=str(error))
        raise PaymentsNotSetUp(str(error)) from error
    except StripeError as error:
        if is_refusal_told and isinstance(error, stripe.InvalidRequestError):
            raise
        log.warning("stripe_failed", detail=str(error), status=error.http_status)
        raise DependencyUnavailable("Stripe", str(error)[:200]) from error


def _check_missing(error: stripe.InvalidRequestError) -> None:
    """Raises `DependencyUnavailable` for every refusal but that something does not exist."""
    if error.http_status != 404:
        raise DependencyUnavailable("Stripe", str(error)[:200]) from error
