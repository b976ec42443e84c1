"""The queries of idempotency keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from domain.idempotency.documents import KeyDocument
from domain.idempotency.model import KeyedCall
from domain.kit.transactions import Session


def _id(call: KeyedCall) -> str:
    return f"{call.owner_id}:{call.key}"


def _all_of(owner_id: str) -> dict[str, Any]:
    """Ids begin with the owner's, so the index of ids serves; `;` follows `:`."""
    return {"_id": {"$gte": f"{owner_id}:", "$lt": f"{owner_id};"}}


class KeyStore:
    """Keys by owner: the same word of two people is two keys."""

    async def find(self, call: KeyedCall, now: datetime) -> tuple[str, Sequence[str]] | None:
        """The fingerprint and the results of the first call; a key past its day is freed."""
        await KeyDocument.find({"_id": _id(call), "expires_at": {"$lte": now}}).delete()
        record = await KeyDocument.get(_id(call))
        return None if record is None else (record.fingerprint, record.results)

    async def exists(self, call: KeyedCall, session: Session) -> bool:
        """Whether the transaction sees the key. Asked first, a call that lost a race does not begin its work."""
        return await KeyDocument.get(_id(call), session=session) is not None

    async def dump(self, owner_id: str) -> Sequence[dict[str, Any]]:
        """All keys of one owner, found by the beginning of their ids."""
        collection = KeyDocument.get_pymongo_collection()
        return await collection.find(_all_of(owner_id), {"owner_id": False, "fingerprint": False}).to_list()

    async def erase(self, owner_id: str) -> None:
        await KeyDocument.get_pymongo_collection().delete_many(_all_of(owner_id))

    async def insert(self, call: KeyedCall, results: Sequence[str], expires_at: datetime, session: Session) -> None:
        record = KeyDocument(
            id=_id(call),
            owner_id=call.owner_id,
            operation=call.operation,
            fingerprint=call.fingerprint,
            results=list(results),
            expires_at=expires_at,
        )
        await record.insert(session=session)
