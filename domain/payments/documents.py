"""How orders, subscriptions and the ids of seen events lie in MongoDB."""

from datetime import datetime
from typing import Any, ClassVar

import pymongo
from beanie import Document
from pydantic import BaseModel, Field
from pymongo import IndexModel

from domain.payments.model import OrderKind, SubscriptionStatus


class ItemPart(BaseModel):
    kind: OrderKind
    id: str
    name: str
    credits: int
    amount_cents: int
    currency: str


class FactsPart(BaseModel):
    checkout_id: str | None = None
    payment_id: str | None = None
    customer_id: str | None = None
    subscription_id: str | None = None
    submitted: bool = False
    paid: bool = False
    failed: bool = False
    expired: bool = False
    refunded_cents: int = 0
    disputed_cents: dict[str, int] = Field(default_factory=dict)


class OrderDocument(Document):
    """`revision` grows with every merge, which makes two that merge at once wait for each other."""

    id: str
    owner_id: str
    item: ItemPart
    created_at: datetime
    facts: FactsPart
    checkout_url: str | None = None
    credited: bool = False
    taken_back_cents: int = 0
    revision: int = 0

    class Settings:
        name = "payment_orders"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("owner_id", pymongo.ASCENDING), ("_id", pymongo.DESCENDING)]),
            IndexModel(
                [("facts.payment_id", pymongo.ASCENDING)],
                partialFilterExpression={"facts.payment_id": {"$type": "string"}},
            ),
        ]


class PeriodPart(BaseModel):
    start: datetime
    end: datetime
    invoice_id: str


class SubscriptionDocument(Document):
    """The id is the gateway's."""

    id: str
    owner_id: str
    order_id: str
    plan_id: str
    customer_id: str | None = None
    status: SubscriptionStatus
    period_end: datetime | None = None
    ends_with_period: bool = False
    as_of: datetime
    paid_period: PeriodPart | None = None
    revision: int = 0

    class Settings:
        name = "payment_subscriptions"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("owner_id", pymongo.ASCENDING), ("as_of", pymongo.DESCENDING)]),
            IndexModel([("customer_id", pymongo.ASCENDING)]),
        ]


class EventDocument(Document):
    """An event whose effects are in the database; MongoDB removes it when the gateway sends it no more."""

    id: str
    expires_at: datetime

    class Settings:
        name = "payment_events"
        indexes: ClassVar[list[Any]] = [IndexModel([("expires_at", pymongo.ASCENDING)], expireAfterSeconds=0)]
