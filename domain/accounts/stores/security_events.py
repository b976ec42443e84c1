"""The queries of the log of security events. It can be added to and read, and nothing else."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from domain.accounts.audit import SecurityEvent
from domain.accounts.documents import SecurityEventDocument
from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import Session as Transaction


def to_event(document: SecurityEventDocument) -> SecurityEvent:
    return SecurityEvent(**document.model_dump(exclude={"revision_id", "expires_at"}))


class SecurityEventStore:
    """Events of one account at a time."""

    async def append(self, event: SecurityEvent, expires_at: datetime, transaction: Transaction | None) -> None:
        fields: dict[str, Any] = {**asdict(event), "detail": dict(event.detail), "expires_at": expires_at}
        await SecurityEventDocument.model_validate(fields).insert(session=transaction)

    async def page(self, account_id: str, page: PageRequest) -> Page[SecurityEvent]:
        """Newest first."""
        query: dict[str, Any] = {"account_id": account_id}
        if page.after is not None:
            query["_id"] = {"$lt": page.after}
        found = await SecurityEventDocument.find(query).sort("-_id").limit(page.first + 1).to_list()
        return Page.cut([to_event(document) for document in found], page)
