"""The queries of API keys. A revoked key is not there any more."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.accounts.api_keys import MAX_KEYS, ApiKey
from domain.accounts.documents import ApiKeyDocument
from domain.kit.caller import Scope
from domain.kit.transactions import Session as Transaction


def to_key(document: ApiKeyDocument) -> ApiKey:
    fields = document.model_dump(exclude={"revision_id", "key_hash", "scopes"})
    return ApiKey(**fields, scopes=frozenset(document.scopes))


class ApiKeyStore:
    """Keys by prefix, for whoever holds one, and by account, for its owner. Hashes leave by `find` only."""

    async def insert(self, key: ApiKey, key_hash: str) -> None:
        document = ApiKeyDocument(
            id=key.id,
            account_id=key.account_id,
            name=key.name,
            prefix=key.prefix,
            key_hash=key_hash,
            scopes=[scope for scope in Scope if scope in key.scopes],
            created_at=key.created_at,
            expires_at=key.expires_at,
        )
        await document.insert()

    async def find(self, prefix: str) -> tuple[ApiKey, str] | None:
        """The key and its hash."""
        document = await ApiKeyDocument.find_one({"prefix": prefix})
        return None if document is None else (to_key(document), document.key_hash)

    async def of_account(self, account_id: str, ids: Sequence[str] | None = None) -> Sequence[ApiKey]:
        """Newest first; those with these ids, or all."""
        query: dict[str, Any] = {"account_id": account_id}
        if ids is not None:
            query["_id"] = {"$in": list(ids)}
        found = await ApiKeyDocument.find(query).sort("-_id").limit(2 * MAX_KEYS).to_list()
        return [to_key(document) for document in found]

    async def owners(self, ids: Sequence[str], now: datetime) -> Mapping[str, str]:
        """The accounts of those keys among these that work."""
        query = {"_id": {"$in": list(ids)}, "expires_at": {"$not": {"$lte": now}}}
        found = ApiKeyDocument.get_pymongo_collection().find(query, {"account_id": 1})
        return {raw["_id"]: raw["account_id"] async for raw in found}

    async def touch(self, key_id: str, now: datetime, at_most_every: timedelta) -> None:
        """Notes that a key was used, unless that was noted a moment ago."""
        await ApiKeyDocument.get_pymongo_collection().update_one(
            {"_id": key_id, "last_used_at": {"$not": {"$gt": now - at_most_every}}}, {"$set": {"last_used_at": now}}
        )

    async def revoke(self, account_id: str, key_id: str) -> ApiKey | None:
        """The key that was revoked, or None when this account has no such key."""
        raw = await ApiKeyDocument.get_pymongo_collection().find_one_and_delete(
            {"_id": key_id, "account_id": account_id}
        )
        return None if raw is None else to_key(ApiKeyDocument.model_validate(raw))

    async def count_live(self, account_id: str, now: datetime, transaction: Transaction) -> int:
        """Those that were not revoked and have not expired."""
        query = {"account_id": account_id, "expires_at": {"$not": {"$lte": now}}}
        return await ApiKeyDocument.find(query, session=transaction).count()

    async def revoke_all(self, account_id: str, transaction: Transaction | None = None) -> int:
        result = await ApiKeyDocument.get_pymongo_collection().delete_many(
            {"account_id": account_id}, session=transaction
        )
        return result.deleted_count
