"""The queries of endpoints. People's reads and writes are bound to the owner."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument

from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import Session
from domain.webhooks.documents import EndpointDocument
from domain.webhooks.model import (
    MAX_ENDPOINTS,
    SECRETS_KEPT,
    Endpoint,
    EndpointStatus,
    Secret,
    WebhookEvent,
)

_NOT_FAILING: Mapping[str, Any] = {"failing_since": None, "failures": 0}


def to_endpoint(record: EndpointDocument) -> Endpoint:
    return Endpoint(
        id=record.id,
        owner_id=record.owner_id,
        url=record.url,
        events=tuple(record.events),
        description=record.description,
        status=record.status,
        secrets=tuple(Secret(part.sealed, part.expires_at) for part in record.secrets),
        created_at=record.created_at,
        disabled_at=record.disabled_at,
        failing_since=record.failing_since,
        failures=record.failures,
    )


class EndpointStore:
    """`webhook_endpoints`."""

    async def insert(self, endpoint: Endpoint, slot: int, session: Session) -> None:
        await EndpointDocument.model_validate({**asdict(endpoint), "slot": slot}).insert(session=session)

    async def free_slot(self, owner_id: str, session: Session) -> int | None:
        """A number that none of the owner's endpoints has; None when there are as many as there may be."""
        cursor = EndpointDocument.get_pymongo_collection().find({"owner_id": owner_id}, {"slot": 1}, session=session)
        taken = {raw["slot"] for raw in await cursor.to_list()}
        return next((slot for slot in range(MAX_ENDPOINTS) if slot not in taken), None)

    async def find(self, endpoint_id: str) -> Endpoint | None:
        record = await EndpointDocument.get(endpoint_id)
        return None if record is None else to_endpoint(record)

    async def find_owned(self, owner_id: str, endpoint_id: str) -> Endpoint | None:
        record = await EndpointDocument.find_one({"_id": endpoint_id, "owner_id": owner_id})
        return None if record is None else to_endpoint(record)

    async def find_many_owned(self, owner_id: str, ids: Sequence[str]) -> dict[str, Endpoint]:
        query = {"_id": {"$in": list(ids)}, "owner_id": owner_id}
        return {record.id: to_endpoint(record) for record in await EndpointDocument.find(query).to_list()}

    async def page_owned(self, owner_id: str, page: PageRequest) -> Page[Endpoint]:
        query: dict[str, Any] = {"owner_id": owner_id}
        if page.after is not None:
            query["_id"] = {"$lt": page.after}
        found = await EndpointDocument.find(query).sort("-_id").limit(page.first + 1).to_list()
        return Page.cut([to_endpoint(record) for record in found], page)

    async def listening(self, owner_id: str, event: WebhookEvent, session: Session) -> Sequence[Endpoint]:
        """The owner's endpoints that want to be told of this, enabled or not."""
        query = {"owner_id": owner_id, "events": event.value}
        found = await EndpointDocument.find(query, session=session).sort("_id").to_list()
        return [to_endpoint(record) for record in found]

    async def update_owned(self, owner_id: str, endpoint_id: str, fields: Mapping[str, Any]) -> Endpoint | None:
        """A change of the owner's gives the endpoint a fresh start."""
        return await self._change({"_id": endpoint_id, "owner_id": owner_id}, {"$set": {**fields, **_NOT_FAILING}})

    async def rotate_owned(
        self, owner_id: str, endpoint_id: str, sealed: str, old_expires_at: datetime
    ) -> Endpoint | None:
        """Puts a new secret before the others, of which the one that was current gets an end."""
        old = {
            "$map": {
                "input": "$secrets",
                "in": {
                    "sealed": "$$this.sealed",
                    "expires_at": {"$ifNull": ["$$this.expires_at", old_expires_at]},
                },
            }
        }
        new = [{"sealed": {"$literal": sealed}, "expires_at": None}]
        kept = {"$slice": [{"$concatArrays": [new, old]}, SECRETS_KEPT]}
        return await self._change({"_id": endpoint_id, "owner_id": owner_id}, [{"$set": {"secrets": kept}}])

    async def reseal(self, endpoint_id: str, sealed: str, renewed: str) -> None:
        """Writes the same secret sealed anew, unless it was rotated out meanwhile."""
        await EndpointDocument.get_pymongo_collection().update_one(
            {"_id": endpoint_id, "secrets.sealed": sealed}, {"$set": {"secrets.$.sealed": renewed}}
        )

    async def delete_owned(self, owner_id: str, endpoint_id: str) -> bool:
        query = {"_id": endpoint_id, "owner_id": owner_id}
        deleted = await EndpointDocument.get_pymongo_collection().delete_one(query)
        return deleted.deleted_count == 1

    async def dump(self, owner_id: str) -> list[dict[str, Any]]:
        """All endpoints of an owner, as they lie there, without their secrets."""
        return await EndpointDocument.get_pymongo_collection().find({"owner_id": owner_id}, {"secrets": 0}).to_list()

    async def erase(self, owner_id: str) -> None:
        await EndpointDocument.get_pymongo_collection().delete_many({"owner_id": owner_id})

    async def note_failure(self, endpoint_id: str, now: datetime) -> Endpoint | None:
        """One more failure in a row."""
        fields = {"failing_since": {"$ifNull": ["$failing_since", now]}, "failures": {"$add": ["$failures", 1]}}
        return await self._change({"_id": endpoint_id}, [{"$set": fields}])

    async def note_success(self, endpoint_id: str) -> None:
        await self._change({"_id": endpoint_id}, {"$set": dict(_NOT_FAILING)})

    async def disable(self, found: Endpoint, status: EndpointStatus, now: datetime) -> bool:
        """Whether it was this call that disabled it; one with another address by now is left alone."""
        query = {"_id": found.id, "url": found.url, "status": EndpointStatus.ENABLED}
        return await self._change(query, {"$set": {"status": status, "disabled_at": now}}) is not None

    @staticmethod
    async def _change(
        query: Mapping[str, Any], update: Mapping[str, Any] | Sequence[Mapping[str, Any]]
    ) -> Endpoint | None:
        raw = await EndpointDocument.get_pymongo_collection().find_one_and_update(
            query, update, return_document=ReturnDocument.AFTER
        )
        return None if raw is None else to_endpoint(EndpointDocument.model_validate(raw))
