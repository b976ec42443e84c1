"""The queries of partner keys. A revoked key is not there any more."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.kit.caller import Scope
from domain.kit.transactions import Session
from domain.partners.documents import PartnerKeyDocument
from domain.partners.keys import MAX_KEYS, PartnerKey


def to_key(document: PartnerKeyDocument) -> PartnerKey:
    fields = document.model_dump(exclude={"revision_id", "key_hash", "scopes"})
    return PartnerKey(**fields, scopes=frozenset(document.scopes))


class PartnerKeyStore:
    """Keys by prefix, for whoever holds one, and by organisation. Hashes leave by `find` only."""

    async def insert(self, key: PartnerKey, key_hash: str) -> None:
        fields = {**vars(key), "scopes": [scope for scope in Scope if scope in key.scopes], "key_hash": key_hash}
        await PartnerKeyDocument(**fields).insert()

    async def find(self, prefix: str) -> tuple[PartnerKey, str] | None:
        """The key and its hash."""
        document = await PartnerKeyDocument.find_one({"prefix": prefix})
        return None if document is None else (to_key(document), document.key_hash)

    async def of_organisations(
        self, organisation_ids: Sequence[str], ids: Sequence[str] | None = None
    ) -> Sequence[PartnerKey]:
        """Newest first; those with these ids, or all."""
        query: dict[str, Any] = {"organisation_id": {"$in": list(organisation_ids)}}
        if ids is not None:
            query["_id"] = {"$in": list(ids)}
        found = await PartnerKeyDocument.find(query).sort("-_id").limit(2 * MAX_KEYS).to_list()
        return [to_key(document) for document in found]

    async def owners(self, ids: Sequence[str], now: datetime) -> Mapping[str, str]:
        """The organisations of those keys among these that work."""
        query = {"_id": {"$in": list(ids)}, "expires_at": {"$not": {"$lte": now}}}
        found = PartnerKeyDocument.get_pymongo_collection().find(query, {"organisation_id": 1})
        return {raw["_id"]: raw["organisation_id"] async for raw in found}

    async def touch(self, key_id: str, now: datetime, at_most_every: timedelta) -> None:
        """Notes that a key was used, unless that was noted a moment ago."""
        await PartnerKeyDocument.get_pymongo_collection().update_one(
            {"_id": key_id, "last_used_at": {"$not": {"$gt": now - at_most_every}}}, {"$set": {"last_used_at": now}}
        )

    async def revoke(self, organisation_ids: Sequence[str], key_id: str) -> PartnerKey | None:
        """The key that was revoked, or None when none of these organisations has it."""
        raw = await PartnerKeyDocument.get_pymongo_collection().find_one_and_delete(
            {"_id": key_id, "organisation_id": {"$in": list(organisation_ids)}}
        )
        return None if raw is None else to_key(PartnerKeyDocument.model_validate(raw))

    async def rename_author(self, account_id: str, pseudonym: str) -> None:
        """Puts a pseudonym in the place of somebody who is forgotten."""
        await PartnerKeyDocument.get_pymongo_collection().update_many(
            {"created_by": account_id}, {"$set": {"created_by": pseudonym}}
        )

    async def remove_all(self, organisation_id: str, session: Session | None = None) -> None:
        await PartnerKeyDocument.get_pymongo_collection().delete_many(
            {"organisation_id": organisation_id}, session=session
        )
