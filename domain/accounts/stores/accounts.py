"""The queries of accounts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection

from domain.accounts.documents import AccountDocument
from domain.accounts.model import Account, Role
from domain.kit.personal_data import Erasure
from domain.kit.transactions import Session as Transaction


def to_account(raw: Mapping[str, Any]) -> Account:
    """From what MongoDB has, without the checks of the document: an account is read with almost every call."""
    return Account(
        id=raw["_id"],
        email=raw["email"],
        display_name=raw["display_name"],
        created_at=raw["created_at"],
        role=Role(raw["role"]),
        email_verified=raw.get("email_verified_at") is not None,
        erase_at=raw.get("erase_at"),
        has_password=raw.get("password_hash") is not None,
    )


class AccountStore:
    """Accounts by id and by address. Password hashes leave only through the two methods that say so."""

    async def insert(self, account: Account, password_hash: str | None, transaction: Transaction) -> None:
        """An address that is taken is a duplicate key of the transaction."""
        record = AccountDocument(
            id=account.id,
            email=account.email,
            display_name=account.display_name,
            password_hash=password_hash,
            created_at=account.created_at,
            role=account.role,
            email_verified_at=account.created_at if account.email_verified else None,
        )
        await record.insert(session=transaction)

    async def find(self, account_id: str, transaction: Transaction | None = None) -> Account | None:
        raw = await _accounts().find_one({"_id": account_id}, session=transaction)
        return None if raw is None else to_account(raw)

    async def find_by_email(self, email: str, transaction: Transaction | None = None) -> Account | None:
        raw = await _accounts().find_one({"email": email}, session=transaction)
        return None if raw is None else to_account(raw)

    async def find_many(self, account_ids: Sequence[str]) -> Sequence[Account]:
        """Those that exist, in one query."""
        found = await _accounts().find({"_id": {"$in": list(account_ids)}}).to_list()
        return [to_account(raw) for raw in found]

    async def find_by_email_or_id(self, text: str) -> Account | None:
        raw = await _accounts().find_one({"$or": [{"email": text}, {"_id": text}]})
        return None if raw is None else to_account(raw)

    async def find_with_hash(self, email: str) -> tuple[Account, str | None] | None:
        return await self._with_hash({"email": email})

    async def find_by_id_with_hash(self, account_id: str) -> tuple[Account, str | None] | None:
        return await self._with_hash({"_id": account_id})

    async def rehash(self, account_id: str, old_hash: str, new_hash: str) -> None:
        """Replaces the hash of the same password, unless the password was changed meanwhile."""
        await self._change({"_id": account_id, "password_hash": old_hash}, {"password_hash": new_hash})

    async def set_password_hash(self, account_id: str, new_hash: str, transaction: Transaction) -> None:
        await self._change({"_id": account_id}, {"password_hash": new_hash}, transaction)

    async def verify_email(self, account_id: str, email: str, now: datetime, transaction: Transaction) -> bool:
        """False when the account has another address now."""
        fields = {"email_verified_at": now}
        return await self._change({"_id": account_id, "email": email}, fields, transaction) is not None

    async def change_email(self, account_id: str, email: str, now: datetime, transaction: Transaction) -> str | None:
        """The address before, or None for no such account. One that is taken is a duplicate key."""
        fields = {"email": email, "email_verified_at": now}
        before = await self._change({"_id": account_id}, fields, transaction, ReturnDocument.BEFORE)
        return None if before is None else str(before["email"])

    async def set_role(self, email: str, role: Role) -> Account | None:
        """The account as it is now, or None when there is no such address."""
        after = await self._change({"email": email}, {"role": role.value})
        return None if after is None else to_account(after)

    async def schedule_erasure(
        self, account_id: str, erase_at: datetime, pseudonym: str, transaction: Transaction
    ) -> None:
        await self._change({"_id": account_id}, {"erase_at": erase_at, "pseudonym": pseudonym}, transaction)

    async def cancel_erasure(self, account_id: str) -> Account | None:
        """The account as it goes on; None when it is not to be erased, or is being erased already."""
        query = {"_id": account_id, "erase_at": {"$ne": None}, "is_being_erased": False}
        after = await self._change(query, {"erase_at": None, "pseudonym": None})
        return None if after is None else to_account(after)

    async def to_be_erased(self, now: datetime, limit: int) -> Sequence[Erasure]:
        """Those whose time is up, also those whose erasure broke off."""
        found = await _accounts().find({"erase_at": {"$lte": now}}).sort("erase_at").limit(limit).to_list()
        return [Erasure(raw["_id"], raw["pseudonym"]) for raw in found if raw["pseudonym"] is not None]

    async def begin_erasure(self, account_id: str, now: datetime) -> bool:
        """From here on there is no way back; False when the account was restored meanwhile."""
        query = {"_id": account_id, "erase_at": {"$lte": now}}
        return await self._change(query, {"is_being_erased": True}) is not None

    async def postpone_erasure(self, account_id: str, erase_at: datetime) -> None:
        await self._change({"_id": account_id, "erase_at": {"$ne": None}}, {"erase_at": erase_at})

    @staticmethod
    async def _with_hash(query: dict[str, Any]) -> tuple[Account, str | None] | None:
        raw = await _accounts().find_one(query)
        return None if raw is None else (to_account(raw), raw["password_hash"])

    @staticmethod
    async def _change(
        query: dict[str, Any],
        fields: dict[str, Any],
        transaction: Transaction | None = None,
        which: bool = ReturnDocument.AFTER,
    ) -> dict[str, Any] | None:
        found: dict[str, Any] | None = await _accounts().find_one_and_update(
            query, {"$set": fields}, return_document=which, session=transaction
        )
        return found


def _accounts() -> AsyncCollection[dict[str, Any]]:
    return AccountDocument.get_pymongo_collection()
