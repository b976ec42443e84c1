"""The queries of orders, subscriptions and seen events. People's reads are bound to the owner."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from pymongo import ReturnDocument

from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import Session
from domain.payments.documents import EventDocument, OrderDocument, SubscriptionDocument
from domain.payments.model import (
    LIVE,
    Item,
    Order,
    OrderFacts,
    OrderKind,
    PaidPeriod,
    Subscription,
    SubscriptionStatus,
)

NEVER = datetime.fromtimestamp(0, UTC)


def to_order(record: OrderDocument) -> Order:
    return Order(
        id=record.id,
        owner_id=record.owner_id,
        item=Item(**record.item.model_dump()),
        created_at=record.created_at,
        facts=OrderFacts(**record.facts.model_dump()),
        checkout_url=record.checkout_url,
        credited=record.credited,
        taken_back_cents=record.taken_back_cents,
    )


def to_subscription(record: SubscriptionDocument) -> Subscription:
    period = record.paid_period
    return Subscription(
        **record.model_dump(exclude={"revision_id", "revision", "paid_period"}),
        paid_period=None if period is None else PaidPeriod(**period.model_dump()),
    )


class OrderStore:
    """`payment_orders`. Whoever changes an order locks it first."""

    async def insert(self, order: Order, session: Session) -> None:
        await OrderDocument.model_validate(asdict(order)).insert(session=session)

    async def find(self, order_id: str) -> Order | None:
        record = await OrderDocument.get(order_id)
        return None if record is None else to_order(record)

    async def find_many_owned(self, owner_id: str, ids: Sequence[str]) -> dict[str, Order]:
        query = {"_id": {"$in": list(ids)}, "owner_id": owner_id}
        return {record.id: to_order(record) for record in await OrderDocument.find(query).to_list()}

    async def find_by_payment(self, payment_id: str) -> Order | None:
        record = await OrderDocument.find_one({"facts.payment_id": payment_id})
        return None if record is None else to_order(record)

    async def page_owned(self, owner_id: str, page: PageRequest) -> Page[Order]:
        """Newest first, without those whose checkout could not be opened."""
        query: dict[str, Any] = {"owner_id": owner_id, "checkout_url": {"$ne": None}}
        if page.after is not None:
            query["_id"] = {"$lt": page.after}
        found = await OrderDocument.find(query).sort("-_id").limit(page.first + 1).to_list()
        return Page.cut([to_order(record) for record in found], page)

    async def open_plan_orders(self, owner_id: str) -> Sequence[Order]:
        """Orders of plans that could still be paid."""
        over = ("paid", "failed", "expired")
        query = {
            "owner_id": owner_id,
            "item.kind": OrderKind.PLAN,
            "facts.checkout_id": {"$ne": None},
            **{f"facts.{fact}": False for fact in over},
        }
        return [to_order(record) for record in await OrderDocument.find(query).to_list()]

    async def last_paid_plan_order(self, owner_id: str) -> Order | None:
        query = {"owner_id": owner_id, "item.kind": OrderKind.PLAN, "facts.paid": True}
        record = await OrderDocument.find(query).sort("-_id").first_or_none()
        return None if record is None else to_order(record)

    async def customer_of(self, owner_id: str) -> str | None:
        """Under which id the gateway knows this person."""
        query = {"owner_id": owner_id, "facts.customer_id": {"$ne": None}}
        record = await OrderDocument.find(query).sort("-_id").first_or_none()
        return None if record is None else record.facts.customer_id

    async def dump(self, owner_id: str) -> Sequence[dict[str, Any]]:
        return await OrderDocument.get_pymongo_collection().find({"owner_id": owner_id}).sort("_id").to_list()

    async def rename_owner(self, owner_id: str, pseudonym: str) -> None:
        """Checkouts that could still be opened are closed to everybody."""
        await OrderDocument.get_pymongo_collection().update_many(
            {"owner_id": owner_id}, {"$set": {"owner_id": pseudonym, "checkout_url": None}, "$inc": {"revision": 1}}
        )

    async def set_checkout(self, order_id: str, checkout_id: str, url: str) -> None:
        """A checkout that is there already stays."""
        await OrderDocument.get_pymongo_collection().update_one(
            {"_id": order_id, "checkout_url": None},
            {"$set": {"facts.checkout_id": checkout_id, "checkout_url": url}, "$inc": {"revision": 1}},
        )

    async def lock(self, order_id: str, session: Session) -> Order | None:
        """The order, which nobody else can change until this transaction ends."""
        raw = await OrderDocument.get_pymongo_collection().find_one_and_update(
            {"_id": order_id},
            {"$inc": {"revision": 1}},
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        return None if raw is None else to_order(OrderDocument.model_validate(raw))

    async def save(self, order: Order, session: Session) -> None:
        fields = {
            "facts": asdict(order.facts),
            "credited": order.credited,
            "taken_back_cents": order.taken_back_cents,
        }
        await OrderDocument.get_pymongo_collection().update_one({"_id": order.id}, {"$set": fields}, session=session)


class SubscriptionStore:
    """`payment_subscriptions`."""

    async def find(self, subscription_id: str) -> Subscription | None:
        record = await SubscriptionDocument.get(subscription_id)
        return None if record is None else to_subscription(record)

    async def live_of(self, owner_id: str) -> Subscription | None:
        return await self._newest({"owner_id": owner_id, "status": {"$in": [status.value for status in LIVE]}})

    async def dump(self, owner_id: str) -> Sequence[dict[str, Any]]:
        return await SubscriptionDocument.get_pymongo_collection().find({"owner_id": owner_id}).sort("_id").to_list()

    async def rename_owner(self, owner_id: str, pseudonym: str) -> None:
        await SubscriptionDocument.get_pymongo_collection().update_many(
            {"owner_id": owner_id}, {"$set": {"owner_id": pseudonym}, "$inc": {"revision": 1}}
        )

    async def newest_of_customer(self, customer_id: str) -> Subscription | None:
        return await self._newest({"customer_id": customer_id})

    async def lock(self, subscription_id: str, order: Order, session: Session) -> Subscription:
        """The subscription, which nobody else can change until this transaction ends; made when it is new."""
        new = {
            "owner_id": order.owner_id,
            "order_id": order.id,
            "plan_id": order.item.id,
            "customer_id": order.facts.customer_id,
            "status": SubscriptionStatus.PENDING,
            "period_end": None,
            "ends_with_period": False,
            "as_of": NEVER,
            "paid_period": None,
        }
        raw = await SubscriptionDocument.get_pymongo_collection().find_one_and_update(
            {"_id": subscription_id},
            {"$setOnInsert": new, "$inc": {"revision": 1}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        return to_subscription(SubscriptionDocument.model_validate(raw))

    async def save(self, subscription: Subscription, session: Session) -> None:
        fields = {name: value for name, value in asdict(subscription).items() if name != "id"}
        collection = SubscriptionDocument.get_pymongo_collection()
        await collection.update_one({"_id": subscription.id}, {"$set": fields}, session=session)

    @staticmethod
    async def _newest(query: Mapping[str, Any]) -> Subscription | None:
        record = await SubscriptionDocument.find(query).sort("-as_of").first_or_none()
        return None if record is None else to_subscription(record)


class SeenEventStore:
    """`payment_events`."""

    async def has(self, event_id: str) -> bool:
        return await EventDocument.get(event_id) is not None

    async def add(self, event_id: str, expires_at: datetime, session: Session) -> None:
        await EventDocument(id=event_id, expires_at=expires_at).insert(session=session)
