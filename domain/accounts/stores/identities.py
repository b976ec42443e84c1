"""The queries of identities, which lie in their account, so that linking and unlinking are one step each."""

from collections.abc import Sequence
from typing import Any

from domain.accounts.documents import AccountDocument, IdentityRecord
from domain.accounts.identities import LinkedIdentity
from domain.accounts.model import Account
from domain.accounts.stores.accounts import to_account
from domain.kit.transactions import Session as Transaction


def to_identity(record: IdentityRecord) -> LinkedIdentity:
    return LinkedIdentity(record.provider, record.subject, record.email, record.linked_at)


def to_record(identity: LinkedIdentity) -> IdentityRecord:
    return IdentityRecord(
        key=identity.key,
        provider=identity.provider,
        subject=identity.subject,
        email=identity.email,
        linked_at=identity.linked_at,
    )


class IdentityStore:
    """Accounts by who signs in to them elsewhere, and the identities of one account."""

    async def account_of(self, identity_key: str, transaction: Transaction | None = None) -> Account | None:
        raw = await AccountDocument.get_pymongo_collection().find_one(
            {"identities.key": identity_key}, session=transaction
        )
        return None if raw is None else to_account(raw)

    async def of_account(self, account_id: str, transaction: Transaction | None = None) -> Sequence[LinkedIdentity]:
        document = await AccountDocument.get(account_id, session=transaction)
        return [] if document is None else [to_identity(record) for record in document.identities]

    async def link(self, account_id: str, identity: LinkedIdentity, transaction: Transaction) -> bool:
        """False when the account has one of this provider already, is to be erased, or is not verified.

        An identity that another account has is a duplicate key of the transaction.
        """
        query: dict[str, Any] = {
            "_id": account_id,
            "erase_at": None,
            "email_verified_at": {"$ne": None},
            "identities.provider": {"$ne": identity.provider},
        }
        result = await AccountDocument.get_pymongo_collection().update_one(
            query, {"$push": {"identities": to_record(identity).model_dump()}}, session=transaction
        )
        return bool(result.matched_count)

    async def unlink(self, account_id: str, provider: str, other_ways: Sequence[str], transaction: Transaction) -> bool:
        """False when the account has none of this provider, or neither a password nor one of the `other_ways`."""
        query: dict[str, Any] = {
            "_id": account_id,
            "identities.provider": provider,
            "$or": [{"password_hash": {"$ne": None}}, {"identities.provider": {"$in": list(other_ways)}}],
        }
        result = await AccountDocument.get_pymongo_collection().update_one(
            query, {"$pull": {"identities": {"provider": provider}}}, session=transaction
        )
        return bool(result.matched_count)
