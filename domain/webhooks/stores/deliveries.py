"""The queries of deliveries. People's reads are bound to the owner, a worker's writes to its claim."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument

from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import Session
from domain.webhooks.documents import DeliveryDocument
from domain.webhooks.model import TEST_TYPE, Attempt, Delivery, DeliveryStatus


def to_delivery(record: DeliveryDocument) -> Delivery:
    last = record.last
    fields = record.model_dump(exclude={"revision_id", "last"})
    return Delivery(**fields, last=None if last is None else Attempt(**last.model_dump()))


class DeliveryStore:
    """`webhook_deliveries`."""

    async def insert(self, deliveries: Sequence[Delivery], session: Session | None = None) -> None:
        records = [DeliveryDocument.model_validate(asdict(delivery)) for delivery in deliveries]
        await DeliveryDocument.insert_many(records, session=session)

    async def find_owned(self, owner_id: str, delivery_id: str) -> Delivery | None:
        record = await DeliveryDocument.find_one({"_id": delivery_id, "owner_id": owner_id})
        return None if record is None else to_delivery(record)

    async def find_many_owned(self, owner_id: str, ids: Sequence[str]) -> dict[str, Delivery]:
        query = {"_id": {"$in": list(ids)}, "owner_id": owner_id}
        return {record.id: to_delivery(record) for record in await DeliveryDocument.find(query).to_list()}

    async def page_owned(
        self, owner_id: str, endpoint_id: str, status: DeliveryStatus | None, page: PageRequest
    ) -> Page[Delivery]:
        query: dict[str, Any] = {"endpoint_id": endpoint_id, "owner_id": owner_id}
        if status is not None:
            query["status"] = status
        if page.after is not None:
            query["_id"] = {"$lt": page.after}
        found = await DeliveryDocument.find(query).sort("-_id").limit(page.first + 1).to_list()
        return Page.cut([to_delivery(record) for record in found], page)

    async def waiting_test(self, owner_id: str, endpoint_id: str) -> Delivery | None:
        query = {"endpoint_id": endpoint_id, "owner_id": owner_id, "type": TEST_TYPE, "status": DeliveryStatus.PENDING}
        record = await DeliveryDocument.find_one(query)
        return None if record is None else to_delivery(record)

    async def line_up_again(self, owner_id: str, delivery_id: str, now: datetime) -> Delivery | None:
        """Makes one delivery due with the schedule from its beginning; an attempt that is going on is left alone."""
        query = {"_id": delivery_id, "owner_id": owner_id, "claim": None}
        return await self._change(query, {"$set": _in_line(now)})

    async def line_up_failed(self, owner_id: str, endpoint_id: str, since: datetime, now: datetime) -> int:
        """Makes every delivery of jobs due that was given up and is not older than `since`."""
        query = {
            "endpoint_id": endpoint_id,
            "owner_id": owner_id,
            "status": DeliveryStatus.FAILED,
            "type": {"$ne": TEST_TYPE},
            "created_at": {"$gte": since},
        }
        changed = await DeliveryDocument.get_pymongo_collection().update_many(query, {"$set": _in_line(now)})
        return changed.modified_count

    async def claim(
        self,
        token: str,
        now: datetime,
        until: datetime,
        busy_endpoints: Iterable[str],
        busy_owners: Iterable[str],
    ) -> Delivery | None:
        """The delivery that is due for longest, of none of these; nobody else is given it before `until`."""
        query = {
            "status": DeliveryStatus.PENDING,
            "due_at": {"$lte": now},
            "endpoint_id": {"$nin": list(busy_endpoints)},
            "owner_id": {"$nin": list(busy_owners)},
        }
        fields = {"claim": token, "due_at": until}
        return await self._change(query, {"$set": fields}, sort=[("due_at", 1)])

    async def count_due(self, now: datetime) -> int:
        return await DeliveryDocument.find({"status": DeliveryStatus.PENDING, "due_at": {"$lte": now}}).count()

    async def finish(
        self, delivery: Delivery, attempt: Attempt, status: DeliveryStatus, due_at: datetime
    ) -> Delivery | None:
        """Writes how the claimed attempt ended; None when the claim ran out and somebody else has it."""
        fields: dict[str, Any] = {"status": status, "due_at": due_at, "claim": None, "last": asdict(attempt)}
        if status is DeliveryStatus.DELIVERED:
            fields["delivered_at"] = attempt.at
        update = {"$set": fields, "$inc": {"attempts": 1, "tries": 1}}
        return await self._change(self._claimed(delivery), update)

    async def give_up(self, delivery: Delivery) -> None:
        """Ends a claimed delivery without an attempt."""
        await self._change(self._claimed(delivery), {"$set": {"status": DeliveryStatus.FAILED, "claim": None}})

    async def remove(self, delivery: Delivery) -> None:
        await DeliveryDocument.get_pymongo_collection().delete_one(self._claimed(delivery))

    async def give_up_all(self, endpoint_id: str) -> int:
        """Ends what waits for an endpoint; tests and attempts that are going on are left alone."""
        query = {
            "endpoint_id": endpoint_id,
            "status": DeliveryStatus.PENDING,
            "claim": None,
            "type": {"$ne": TEST_TYPE},
        }
        update = {"$set": {"status": DeliveryStatus.FAILED}}
        changed = await DeliveryDocument.get_pymongo_collection().update_many(query, update)
        return changed.modified_count

    async def dump(self, owner_id: str) -> list[dict[str, Any]]:
        """All deliveries of an owner, as they lie there."""
        return await DeliveryDocument.get_pymongo_collection().find({"owner_id": owner_id}).to_list()

    async def erase(self, owner_id: str) -> None:
        await DeliveryDocument.get_pymongo_collection().delete_many({"owner_id": owner_id})

    async def remove_all(self, owner_id: str, endpoint_id: str) -> None:
        query = {"endpoint_id": endpoint_id, "owner_id": owner_id}
        await DeliveryDocument.get_pymongo_collection().delete_many(query)

    @staticmethod
    def _claimed(delivery: Delivery) -> dict[str, Any]:
        return {"_id": delivery.id, "claim": delivery.claim}

    @staticmethod
    async def _change(query: Mapping[str, Any], update: Mapping[str, Any], **options: Any) -> Delivery | None:
        raw = await DeliveryDocument.get_pymongo_collection().find_one_and_update(
            query, update, return_document=ReturnDocument.AFTER, **options
        )
        return None if raw is None else to_delivery(DeliveryDocument.model_validate(raw))


def _in_line(now: datetime) -> dict[str, Any]:
    return {"status": DeliveryStatus.PENDING, "due_at": now, "tries": 0, "claim": None}
