"""The queries of sessions. A session that was ended is not there any more."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from domain.accounts.documents import SessionDocument
from domain.accounts.sessions import SessionRecord
from domain.kit.transactions import Session as Transaction

MOST = 100


def to_record(document: SessionDocument) -> SessionRecord:
    return SessionRecord(**document.model_dump(exclude={"revision_id"}))


class SessionStore:
    """Sessions by id, for whoever holds one of their tokens, and by account, for its owner."""

    async def insert(self, record: SessionRecord, transaction: Transaction | None = None) -> None:
        await SessionDocument.model_validate(asdict(record)).insert(session=transaction)

    async def find(self, session_id: str, now: datetime) -> SessionRecord | None:
        """A session that is not over, whatever MongoDB has not yet removed."""
        document = await SessionDocument.find_one({"_id": session_id, "expires_at": {"$gt": now}})
        return None if document is None else to_record(document)

    async def owners(self, ids: Sequence[str], now: datetime) -> Mapping[str, str]:
        """The accounts of those sessions among these that are not over."""
        query = {"_id": {"$in": list(ids)}, "expires_at": {"$gt": now}}
        found = SessionDocument.get_pymongo_collection().find(query, {"account_id": 1})
        return {raw["_id"]: raw["account_id"] async for raw in found}

    async def rotate(self, before: SessionRecord, after: SessionRecord) -> bool:
        """Writes the next link if the session still stands at `before`; of many at once exactly one succeeds."""
        fields = {name: getattr(after, name) for name in ("generation", "token_hash", "used_at", "expires_at")}
        result = await SessionDocument.get_pymongo_collection().update_one(
            {"_id": before.id, "generation": before.generation, "token_hash": before.token_hash}, {"$set": fields}
        )
        return bool(result.matched_count)

    async def of_account(
        self, account_id: str, now: datetime, ids: Sequence[str] | None = None
    ) -> Sequence[SessionRecord]:
        """Newest first, at most `MOST`; those with these ids, or all."""
        query: dict[str, Any] = {"account_id": account_id, "expires_at": {"$gt": now}}
        if ids is not None:
            query["_id"] = {"$in": list(ids)}
        found = await SessionDocument.find(query).sort("-_id").limit(MOST).to_list()
        return [to_record(document) for document in found]

    async def end(self, account_id: str, session_id: str) -> bool:
        """False when this account has no such session."""
        result = await SessionDocument.get_pymongo_collection().delete_one(
            {"_id": session_id, "account_id": account_id}
        )
        return bool(result.deleted_count)

    async def end_all(
        self, account_id: str, spared: str | None = None, transaction: Transaction | None = None
    ) -> Sequence[str]:
        """Ends all sessions of an account but one; returns the ids of those that ended."""
        query = {"account_id": account_id, "_id": {"$ne": spared}}
        found = await SessionDocument.find(query, session=transaction).to_list()
        ended = [document.id for document in found]
        await SessionDocument.find({"_id": {"$in": ended}}, session=transaction).delete(session=transaction)
        return ended
