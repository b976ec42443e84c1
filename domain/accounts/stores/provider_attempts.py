"""The queries of attempts to sign in by a provider."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from domain.accounts.documents import ProviderAttemptDocument
from domain.accounts.provider_attempts import AttemptPurpose, ProviderAttempt


def to_attempt(document: ProviderAttemptDocument) -> ProviderAttempt:
    return ProviderAttempt(state_hash=document.id, **document.model_dump(exclude={"revision_id", "id"}))


class ProviderAttemptStore:
    """An attempt is found by its state, and taken once, by whoever has its ticket."""

    async def insert(self, attempt: ProviderAttempt) -> None:
        fields: dict[str, Any] = asdict(attempt)
        await ProviderAttemptDocument(id=fields.pop("state_hash"), **fields).insert()

    async def find(self, state_hash: str, now: datetime) -> ProviderAttempt | None:
        """One that is still open."""
        document = await ProviderAttemptDocument.find_one({"_id": state_hash, "expires_at": {"$gt": now}})
        return None if document is None else to_attempt(document)

    async def take(
        self, state_hash: str, ticket_hash: str, purpose: AttemptPurpose, account_id: str, now: datetime
    ) -> ProviderAttempt | None:
        """The attempt, which is then gone; None for another ticket, purpose or person, which takes nothing away."""
        raw = await ProviderAttemptDocument.get_pymongo_collection().find_one_and_delete(
            {
                "_id": state_hash,
                "ticket_hash": ticket_hash,
                "purpose": purpose.value,
                "account_id": account_id,
                "expires_at": {"$gt": now},
            }
        )
        return None if raw is None else to_attempt(ProviderAttemptDocument.model_validate(raw))
