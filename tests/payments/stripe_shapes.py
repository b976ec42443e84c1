"""Stripe's objects and signed events, written down by hand after its API reference, version 2026-10-28."""

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

Json = dict[str, Any]


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def signed(payload: bytes, secret: str, at: int) -> str:
    """The header `Stripe-Signature`, computed without Stripe's SDK."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def event(kind: str, about: Json, created: int, id: str = "evt_1") -> bytes:
    body = {
        "id": id,
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": created,
        "data": {"object": about},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
    return json.dumps(body).encode()


def session(order_id: str | None, status: str = "complete", payment_status: str = "paid", **fields: Any) -> Json:
    return {
        "id": f"cs_test_{order_id}",
        "object": "checkout.session",
        "amount_total": 300,
        "client_reference_id": order_id,
        "currency": "eur",
        "customer": "cus_1",
        "metadata": {} if order_id is None else {"order_id": order_id},
        "mode": "payment",
        "payment_intent": f"pi_test_{order_id}",
        "payment_status": payment_status,
        "status": status,
        "subscription": None,
        "url": None,
        **fields,
    }


def charge(order_id: str, refunded: int, amount: int = 300, *, is_named: bool = True) -> Json:
    return {
        "id": "ch_1",
        "object": "charge",
        "amount": amount,
        "amount_refunded": refunded,
        "currency": "eur",
        "metadata": {"order_id": order_id} if is_named else {},
        "payment_intent": f"pi_test_{order_id}",
        "refunded": refunded == amount,
    }


def dispute(order_id: str, amount: int, id: str = "dp_1") -> Json:
    return {
        "id": id,
        "object": "dispute",
        "amount": amount,
        "charge": "ch_1",
        "currency": "eur",
        "metadata": {},
        "payment_intent": f"pi_test_{order_id}",
        "reason": "fraudulent",
        "status": "needs_response",
    }


def subscription(
    id: str, order_id: str | None, status: str, period_end: int, price: str = "price_test_creator", **fields: Any
) -> Json:
    item = {
        "id": "si_1",
        "object": "subscription_item",
        "current_period_end": period_end,
        "current_period_start": period_end - 30 * 86_400,
        "price": {"id": price, "object": "price", "unit_amount": 1200},
        "quantity": 1,
    }
    return {
        "id": id,
        "object": "subscription",
        "cancel_at_period_end": False,
        "currency": "eur",
        "customer": "cus_1",
        "items": {"object": "list", "data": [item], "has_more": False},
        "metadata": {} if order_id is None else {"order_id": order_id},
        "status": status,
        **fields,
    }


def line(start: int, end: int, price: str = "price_test_creator", *, proration: bool = False) -> Json:
    return {
        "id": "il_1",
        "object": "line_item",
        "amount": 1200,
        "currency": "eur",
        "parent": {
            "type": "subscription_item_details",
            "subscription_item_details": {"proration": proration, "subscription": "sub_1", "subscription_item": "si_1"},
        },
        "period": {"start": start, "end": end},
        "pricing": {"type": "price_details", "price_details": {"price": price, "product": "prod_1"}},
        "quantity": 1,
    }


def invoice(id: str, subscription_id: str | None, order_id: str | None, lines: list[Json]) -> Json:
    details = {
        "metadata": {} if order_id is None else {"order_id": order_id},
        "subscription": subscription_id,
    }
    return {
        "id": id,
        "object": "invoice",
        "amount_paid": 1200,
        "billing_reason": "subscription_cycle",
        "currency": "eur",
        "customer": "cus_1",
        "lines": {"object": "list", "data": lines, "has_more": False},
        "parent": None
        if subscription_id is None
        else {"type": "subscription_details", "quote_details": None, "subscription_details": details},
        "status": "paid",
    }
