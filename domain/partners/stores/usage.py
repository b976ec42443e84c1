"""The counters of usage: one document for each organisation, day and operation."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pymongo import UpdateOne

from domain.partners.documents import UsageDocument
from domain.partners.usage import MOST_OPERATIONS, OperationUsage, Usage, UsageKey, UsageReport

KEPT = timedelta(days=400)

_SUMS: Mapping[str, Any] = {"calls": {"$sum": "$calls"}, "cost": {"$sum": "$cost"}, "errors": {"$sum": "$errors"}}


class UsageStore:
    """`partner_usage`."""

    async def add(self, counted: Mapping[UsageKey, tuple[str | None, Usage]]) -> None:
        """Adds to what was counted before, in one command."""
        writes = [_write(key, name, usage) for key, (name, usage) in counted.items()]
        if writes:
            await UsageDocument.get_pymongo_collection().bulk_write(writes, ordered=False)

    async def report(self, organisation_id: str, first: date, last: date) -> UsageReport:
        """Both days included."""
        chosen = {"organisation_id": organisation_id, "day": {"$gte": first.isoformat(), "$lte": last.isoformat()}}
        days: list[Mapping[str, Any]] = [
            {"$match": chosen},
            {"$group": {"_id": "$day", **_SUMS}},
            {"$sort": {"_id": 1}},
        ]
        operations: list[Mapping[str, Any]] = [
            {"$match": chosen},
            {"$group": {"_id": "$digest", "name": {"$last": "$name"}, **_SUMS}},
            {"$sort": {"cost": -1, "_id": 1}},
            {"$limit": MOST_OPERATIONS},
        ]
        collection = UsageDocument.get_pymongo_collection()
        by_day = await (await collection.aggregate(days)).to_list()
        by_operation = await (await collection.aggregate(operations)).to_list()
        return UsageReport(
            days=[(date.fromisoformat(raw["_id"]), _usage(raw)) for raw in by_day],
            operations=[OperationUsage(raw["_id"], raw["name"], _usage(raw)) for raw in by_operation],
        )

    async def remove_all(self, organisation_id: str) -> None:
        await UsageDocument.get_pymongo_collection().delete_many({"organisation_id": organisation_id})


def _write(key: UsageKey, name: str | None, usage: Usage) -> UpdateOne:
    expires_at = datetime.combine(key.day, time(tzinfo=UTC)) + KEPT
    fields = {"organisation_id": key.organisation_id, "day": key.day.isoformat(), "digest": key.digest}
    return UpdateOne(
        {"_id": ":".join(fields.values())},
        {"$inc": vars(usage), "$set": {"name": name}, "$setOnInsert": {**fields, "expires_at": expires_at}},
        upsert=True,
    )


def _usage(raw: Mapping[str, Any]) -> Usage:
    return Usage(raw["calls"], raw["cost"], raw["errors"])
